import type { QueryClient, QueryKey } from '@tanstack/react-query';
import { create } from 'zustand';
import type { Backend } from '@/backend/backend';
import type { JobDetails, JobList, JobRow, Topic } from '@/backend/bindings';
import { useRequests } from '@/shared/requests';

/** What the engine told that is no data to fetch: a job that ended, and a window that is to close. */
interface Told {
	ended: JobRow[];
	/** Number of running jobs when the window was to be closed. */
	closing: number | undefined;
}

export const useTold = create<Told>(() => ({ ended: [], closing: undefined }));

const KEYS: Record<Topic, string[]> = {
	clusters: ['clusters', 'cluster-status', 'overview'],
	points: ['points', 'point', 'clusters', 'overview', 'vaults'],
	jobs: ['jobs', 'job', 'overview'],
	vaults: ['vaults', 'points', 'jobs', 'overview'],
	settings: ['settings'],
};

/** Puts what the engine tells into the cache: progress at once, everything else by fetching it again. */
export function bridgeEvents(backend: Backend, client: QueryClient): () => void {
	const refresh = (topics: Topic[]) => {
		for (const key of new Set(topics.flatMap((topic) => KEYS[topic]))) askAgain(client, [key]);
	};
	const put = (job: JobRow) => {
		client.setQueryData<JobList>(['jobs'], (list) => list && { ...list, jobs: merged(list.jobs, job) });
		client.setQueryData<JobDetails>(['job', job.vaultId, job.id], (known) => known && { ...known, row: job });
	};
	return backend.subscribe((event) => {
		if (event.type === 'job') {
			put(event.job);
			// The row comes with the event; phases and outcomes do not.
			askAgain(client, ['job', event.job.vaultId, event.job.id]);
		} else if (event.type === 'jobEnded') {
			put(event.job);
			useTold.setState((told) => ({ ended: [...told.ended, event.job] }));
			refresh(['jobs', 'points', 'clusters']);
		} else if (event.type === 'request') {
			useRequests.getState().told(event.requestId, event.progress);
		} else if (event.type === 'changed') {
			refresh(event.topics);
		} else {
			useTold.setState({ closing: event.running });
		}
	});
}

/**
 * Fetches what is shown of these keys. A first answer that is on its way may have been read before the change, and the
 * client would take it for the newest: once it is there it is asked for once more.
 */
function askAgain(client: QueryClient, queryKey: QueryKey): void {
	const first = client.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' });
	for (const query of first.filter(({ state }) => state.data === undefined)) {
		const again = () => client.invalidateQueries({ queryKey: query.queryKey, exact: true });
		void query.promise?.then(again, again);
	}
	void client.invalidateQueries({ queryKey });
}

function merged(jobs: JobRow[], job: JobRow): JobRow[] {
	const known = jobs.some((each) => each.id === job.id && each.vaultId === job.vaultId);
	if (!known) return [job, ...jobs];
	return jobs.map((each) => (each.id === job.id && each.vaultId === job.vaultId ? job : each));
}
