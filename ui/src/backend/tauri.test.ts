import { afterEach, expect, it, vi } from 'vitest';
import { createTauriBackend } from './tauri';

afterEach(() => vi.unstubAllGlobals());

it('hands a text to the command that writes it', async () => {
	const invoke = vi.fn(async () => '/home/ada/points.csv');
	vi.stubGlobal('__TAURI_INTERNALS__', { invoke });
	await expect(createTauriBackend().saveText('points.csv', 'State,Name\r\n')).resolves.toBe('/home/ada/points.csv');
	expect(invoke).toHaveBeenCalledWith('save_text', { suggestedName: 'points.csv', text: 'State,Name\r\n' }, undefined);
});

it('hands over what the newer commands take, by the names that they take it by', async () => {
	const invoke = vi.fn(async () => null);
	vi.stubGlobal('__TAURI_INTERNALS__', { invoke });
	const backend = createTauriBackend();
	await backend.openText();
	await backend.openPlan('v', 'c', '{}', true, 'r');
	await backend.validatePlan('p', 'r');
	await backend.planRetry('v', 'j', 'r');
	await backend.startUndo('u');
	expect(invoke.mock.calls.map((call: unknown[]) => call.slice(0, 2))).toEqual([
		['open_text', {}],
		['open_plan', { vaultId: 'v', clusterId: 'c', text: '{}', acceptDrift: true, requestId: 'r' }],
		['validate_plan', { planId: 'p', requestId: 'r' }],
		['plan_retry', { vaultId: 'v', jobId: 'j', requestId: 'r' }],
		['start_undo', { undoId: 'u' }],
	]);
});
