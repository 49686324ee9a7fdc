import type { Backend } from '../backend';
import { createFakeBackend, type FakeBackend } from '.';
import { failure } from './host';

/**
 * The in-memory backend as the address asks for it: `?empty`, `?latency=500`, `?step=50`, `?failingVault=aksbackups`,
 * `?fail=clusters,overview`, `?appearance=dark`.
 */
export async function fakeFromAddress(asked: URLSearchParams): Promise<FakeBackend> {
	const failing: { [call in keyof Backend]?: ReturnType<typeof failure> } = {};
	for (const call of (asked.get('fail') ?? '').split(',').filter(Boolean)) {
		failing[call as keyof Backend] = failure('internal', `${call} failed because the address asked for it`, {
			guidance: 'Take the call out of the address.',
			details: 'an example of further causes:\nconnection reset by peer (os error 104)',
			retryable: true,
		});
	}
	const failingVault = asked.get('failingVault');
	const backend = createFakeBackend({
		empty: asked.has('empty'),
		latency: Number(asked.get('latency') ?? 0),
		step: Number(asked.get('step') ?? 150),
		failing,
		...(failingVault ? { failingVault } : {}),
	});
	const appearance = asked.get('appearance');
	if (appearance === 'light' || appearance === 'dark') {
		await backend.saveSettings({ ...(await backend.settings()), appearance });
	}
	return backend;
}
