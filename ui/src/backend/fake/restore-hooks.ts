import type { HookRow } from '../bindings';

const run = {
	namespace: 'staging',
	container: 'postgresql',
	phase: 'restore',
	started: '2026-11-25T09:14:07.120Z',
} as const;

/** What the hooks of a restore did, as the engine words it. */
export const RESTORE_HOOKS: HookRow[] = [
	{
		...run,
		pod: 'postgres-0',
		hook: 'default/postgresql: analyze',
		command: ['/bin/sh', '-c', 'exec vacuumdb --all --analyze-only'],
		durationMs: 4_210,
		failure: '',
		output: 'vacuumdb: vacuuming database "orders"\nvacuumdb: vacuuming database "postgres"\n',
	},
	{
		...run,
		pod: 'search-0',
		container: 'search',
		hook: 'shop/warm: cache',
		command: ['/bin/warm', '--all'],
		started: '2026-11-25T09:14:08.004Z',
		durationMs: 0,
		failure: 'its container was not ready within 5m: ImagePullBackOff',
		output: '',
	},
];
