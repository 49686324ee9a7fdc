import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import type { Backend } from '@/backend/backend';
import type { Event } from '@/backend/bindings';
import { bridgeEvents } from './event-bridge';

it('asks again where something changed while its first answer was on its way', async () => {
	let tell: (event: Event) => void = () => {};
	const backend = {
		subscribe: (listener: (event: Event) => void) => {
			tell = listener;
			return () => {};
		},
	} as unknown as Backend;
	const client = new QueryClient();
	bridgeEvents(backend, client);
	const answers: ((state: string) => void)[] = [];
	const observer = new QueryObserver(client, {
		queryKey: ['job', 'local', '1'],
		queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
	});
	const unsubscribe = observer.subscribe(() => {});
	await vi.waitFor(() => expect(answers).toHaveLength(1));
	tell({ type: 'changed', topics: ['jobs'] });
	// Read before the change, told after it.
	answers[0]?.('running');
	await vi.waitFor(() => expect(answers).toHaveLength(2));
	answers[1]?.('completed');
	await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe('completed'));
	unsubscribe();
	client.clear();
});
