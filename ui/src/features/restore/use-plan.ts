import type { PlanSummary, RestoreRequest } from '@/backend/bindings';
import { asFailure, newRequestId, useBackend, useRequestProgress } from '@/shared';
import { type Draft, draftOfRequest, requestOf } from './draft';
import type { Restore } from './kept-restore';
import { useUpdate } from './use-restore';

/** A job of a vault. */
export interface Job {
	vaultId: string;
	jobId: string;
}

/** A saved plan, and what it was opened for. */
export interface Saved {
	text: string;
	vaultId: string;
	clusterId: string;
	/** Whether what changed since it was saved is taken as it is now. */
	acceptDrift: boolean;
}

/** A plan and what was asked for. */
export interface Planned {
	request: RestoreRequest;
	summary: PlanSummary;
	/** The same for plans that were made by editing one another, whose filters and marks go on to hold. */
	view: string;
	/** The restore that it goes on with, as that was asked for. */
	retry?: Job;
	/** What it was opened from. */
	saved?: Saved;
}

/** A plan that came with a request of its own: what is then filled in, and the plan for that. */
export function adopted(summary: PlanSummary, more: Partial<Planned>): { draft: Draft; planned: Planned } {
	const draft = draftOfRequest(summary.request);
	const request = requestOf(draft) ?? summary.request;
	return { draft, planned: { request, summary, view: summary.id, ...more } };
}

/** Planning a restore and carrying the plan out; both go on while other screens are shown. */
export function usePlan({ id, planning, trying, planned }: Restore) {
	const backend = useBackend();
	const update = useUpdate(id);
	const request = planning ?? trying;
	const progress = useRequestProgress(request);
	const begin = (): string => {
		const requestId = newRequestId();
		update({ planning: requestId, planFailure: undefined, startFailure: undefined, job: undefined, open: new Set() });
		return requestId;
	};
	const failed = (cause: unknown, again?: () => void) => {
		const failure = asFailure(cause);
		// A cancelled one did not fail.
		update({
			planning: undefined,
			trying: undefined,
			planFailure: failure.code === 'cancelled' ? undefined : failure,
			again,
		});
	};
	/** `view` is that of the plan that was edited. */
	const plan = async (request: RestoreRequest, view?: string) => {
		const requestId = begin();
		try {
			const summary = await backend.planRestore(request, requestId);
			update({ planning: undefined, planned: { request, summary, view: view ?? summary.id } });
		} catch (cause) {
			failed(cause);
		}
	};
	/** Changes single objects of the plan, and plans again. */
	const edit = (draft: Draft) => {
		const request = requestOf(draft);
		update({ draft });
		if (request) void plan(request, planned?.view);
	};
	/** Plans again what is left of an earlier restore. */
	const retry = async (job: Job) => {
		const requestId = begin();
		try {
			const summary = await backend.planRetry(job.vaultId, job.jobId, requestId);
			update({ planning: undefined, ...adopted(summary, { retry: job }) });
		} catch (cause) {
			failed(cause, () => void retry(job));
		}
	};
	const open = async (saved: Saved) => {
		const requestId = begin();
		const { text, vaultId, clusterId, acceptDrift } = saved;
		try {
			const summary = await backend.openPlan(vaultId, clusterId, text, acceptDrift, requestId);
			update({ planning: undefined, ...adopted(summary, { saved }) });
		} catch (cause) {
			failed(cause, () => void open(saved));
		}
	};
	const tryOut = async (tried: Planned) => {
		const requestId = newRequestId();
		update({ trying: requestId, planFailure: undefined, startFailure: undefined });
		try {
			const summary = await backend.validatePlan(tried.summary.id, requestId);
			update({ trying: undefined, planned: { ...tried, summary, view: summary.id } });
		} catch (cause) {
			failed(cause, () => void tryOut(tried));
		}
	};
	const start = async ({ request, summary }: Planned) => {
		update({ starting: true, startFailure: undefined });
		try {
			const jobId = await backend.startRestore(summary.id);
			update({ starting: false, job: { vaultId: request.point.vaultId, jobId } });
		} catch (cause) {
			update({ starting: false, startFailure: asFailure(cause) });
		}
	};
	return {
		progress,
		plan,
		edit,
		retry,
		open,
		tryOut,
		start,
		cancel: () => request && void backend.cancelRequest(request),
	};
}
