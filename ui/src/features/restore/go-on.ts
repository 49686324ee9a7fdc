import { useNavigate } from '@tanstack/react-router';
import type { PlanSummary } from '@/backend/bindings';
import { useBackend } from '@/shared';
import { beginRestore, useKeptStore } from './kept-restore';
import { adopted, type Job } from './use-plan';

/** Gives a function that shows the plan of what is left of an earlier restore, in the place of the kept restore. */
export function useGoOn(): (summary: PlanSummary, retry: Job) => void {
	const store = useKeptStore();
	const backend = useBackend();
	const navigate = useNavigate();
	return (summary, retry) => {
		const { planning, trying } = store.getState().restore ?? {};
		for (const request of [planning, trying]) if (request) void backend.cancelRequest(request);
		const { point, clusterId } = summary.request;
		const search = { vault: point.vaultId, point: point.point, cluster: clusterId };
		store.setState({ restore: { ...beginRestore(search), open: new Set(), ...adopted(summary, { retry }) } });
		void navigate({ to: '/restore', search });
	};
}
