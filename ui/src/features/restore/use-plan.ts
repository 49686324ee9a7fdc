import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Failure, PlanSummary, RestoreRequest } from '@/backend/bindings';
import { asFailure, newRequestId, useBackend, useRequestProgress } from '@/shared';

/** A plan and what was asked for. */
export interface Planned {
	request: RestoreRequest;
	summary: PlanSummary;
}

/** Planning: the newest plan stays in sight until the next one is made. */
export function usePlan() {
	const backend = useBackend();
	const [planned, setPlanned] = useState<Planned>();
	const plan = useMutation({
		mutationFn: ({ request, requestId }: { request: RestoreRequest; requestId: string }) =>
			backend.planRestore(request, requestId),
		onSuccess: (summary, { request }) => setPlanned({ request, summary }),
	});
	const requestId = plan.isPending ? plan.variables.requestId : undefined;
	const progress = useRequestProgress(requestId);
	const failure: Failure | undefined = plan.error ? asFailure(plan.error) : undefined;
	return {
		planned,
		planning: plan.isPending,
		progress,
		/** Why planning failed; a cancelled one did not. */
		failure: failure?.code === 'cancelled' ? undefined : failure,
		start: (request: RestoreRequest) => plan.mutate({ request, requestId: newRequestId() }),
		cancel: () => requestId && void backend.cancelRequest(requestId),
	};
}
