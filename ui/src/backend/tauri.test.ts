import { afterEach, expect, it, vi } from 'vitest';
import { createTauriBackend } from './tauri';

afterEach(() => vi.unstubAllGlobals());

it('hands a text to the command that writes it', async () => {
	const invoke = vi.fn(async () => '/home/ada/points.csv');
	vi.stubGlobal('__TAURI_INTERNALS__', { invoke });
	await expect(createTauriBackend().saveText('points.csv', 'State,Name\r\n')).resolves.toBe('/home/ada/points.csv');
	expect(invoke).toHaveBeenCalledWith('save_text', { suggestedName: 'points.csv', text: 'State,Name\r\n' }, undefined);
});
