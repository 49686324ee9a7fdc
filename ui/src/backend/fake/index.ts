import type { Backend } from '../backend';
import type { Event, Failure, JobDetails, VaultRow } from '../bindings';
import { backupsPart } from './backups';
import { CLUSTERS, clusterFailure, clustersPart } from './clusters';
import { hooksPart } from './hooks';
import { type FakeHost, wait } from './host';
import { exampleJobs, jobsPart } from './jobs';
import { modifiersPart } from './modifiers';
import { objectsPart } from './objects';
import { overviewPart } from './overview';
import { examplePoints, type FakePoint, pointsPart } from './points';
import { restorePart } from './restore';
import { type SavedText, settingsPart } from './settings';
import { vaultsPart } from './vaults';
import { volumesPart } from './volumes';

export interface FakeOptions {
	/** Without any vault, point and job, as at the first start. */
	empty?: boolean;
	/** Milliseconds before each answer. */
	latency?: number;
	/** Milliseconds between two steps of long work. */
	step?: number;
	/** Calls that are rejected. */
	failing?: { [call in keyof Backend]?: Failure };
	/** Vault that cannot be listed. */
	failingVault?: string;
	now?: () => Date;
}

/** The in-memory backend, and what only a test or the address bar asks of it. */
export interface FakeBackend extends Backend {
	emit(event: Event): void;
	/** What `saveText` was given, in order. */
	saved: SavedText[];
}

/**
 * The whole `Backend` in memory, with example data: for developing in a browser, for component tests and for
 * screenshots. Nothing here is part of the program.
 */
export function createFakeBackend(options: FakeOptions = {}): FakeBackend {
	const listeners = new Set<(event: Event) => void>();
	const jobs = new Map<string, JobDetails>();
	const vaults: VaultRow[] = [];
	const cancelled = new Set<string>();
	const host: FakeHost = {
		now: options.now ?? (() => new Date()),
		emit: (event) => {
			for (const listener of [...listeners]) listener(structuredClone(event));
		},
		putJob(job) {
			jobs.set(job.row.id, job);
			if (job.row.state === 'running') return host.emit({ type: 'job', job: job.row });
			host.emit({ type: 'jobEnded', job: job.row });
			host.emit({ type: 'changed', topics: ['jobs', 'points', 'clusters'] });
		},
		job: (id) => jobs.get(id),
		vaultName: (id) => vaults.find((vault) => vault.id === id)?.name ?? id,
		clusterName: (id) => CLUSTERS.find((cluster) => cluster.id === id)?.name ?? id,
		clusterFailure: (id) => clusterFailure(id, allowed),
		isCancelled: (requestId) => cancelled.has(requestId),
		step: options.step ?? 150,
		empty: options.empty ?? false,
		...(options.failingVault ? { failingVault: options.failingVault } : {}),
	};
	const points: FakePoint[] = [];
	const saved: SavedText[] = [];
	const settings = settingsPart(host, saved);
	let allowed: string[] = [];
	const allowedNow = async () => {
		allowed = (await settings.settings()).allowedPlugins;
		return allowed;
	};
	const vaultCalls = vaultsPart(host, vaults, points);
	points.push(...examplePoints(host));
	for (const job of exampleJobs(host)) jobs.set(job.row.id, job);
	const calls: Omit<Backend, 'subscribe'> = {
		...settings,
		...overviewPart(host, points, jobs, vaultCalls.vaults),
		...clustersPart(host, points, allowedNow),
		...backupsPart(host, points, allowedNow),
		...vaultCalls,
		...pointsPart(host, points),
		...objectsPart(points),
		...restorePart(host, points),
		...modifiersPart(host, points),
		...jobsPart(host, jobs),
		...volumesPart(points, jobs),
		...hooksPart(),
		cancelRequest: async (requestId) => {
			cancelled.add(requestId);
		},
		answerClose: async () => {},
	};
	return {
		...slowed(calls, options),
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		emit: host.emit,
		saved,
	};
}

type Calls = Omit<Backend, 'subscribe'>;

/** The same calls, each after the latency, and those that are to fail rejected. */
function slowed(calls: Calls, { latency = 0, failing = {} }: FakeOptions): Calls {
	const entries = Object.entries(calls) as [keyof Calls, (...values: unknown[]) => Promise<unknown>][];
	const made = entries.map(([name, call]) => [
		name,
		async (...values: unknown[]) => {
			if (latency > 0) await wait(latency);
			const why = failing[name];
			if (why) throw why;
			return structuredClone(await call(...values));
		},
	]);
	return Object.fromEntries(made) as Calls;
}
