import type { PlanSummary, RestoreRequest } from '@/backend/bindings';
import { asFailure, newRequestId, useBackend, useRequestProgress } from '@/shared';
import type { Restore } from './kept-restore';
import { useUpdate } from './use-restore';

/** A plan and what was asked for. */
export interface Planned {
	request: RestoreRequest;
	summary: PlanSummary;
}

/** Planning a restore and carrying the plan out; both go on while other screens are shown. */
export function usePlan({ id, planning }: Restore) {
	const backend = useBackend();
	const update = useUpdate(id);
	const progress = useRequestProgress(planning);
	const plan = async (request: RestoreRequest) => {
		const requestId = newRequestId();
		update({ planning: requestId, planFailure: undefined, startFailure: undefined, job: undefined, open: new Set() });
		try {
			const summary = await backend.planRestore(request, requestId);
			update({ planning: undefined, planned: { request, summary } });
		} catch (cause) {
			const failure = asFailure(cause);
			// A cancelled one did not fail.
			update({ planning: undefined, planFailure: failure.code === 'cancelled' ? undefined : failure });
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
	return { progress, plan, start, cancel: () => planning && void backend.cancelRequest(planning) };
}
