import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { PlanRow, RestoreRequest } from '@/backend/bindings';
import { useBackend } from '@/shared';
import type { Draft } from './draft';
import { decisions, leaveOut, mayBeRecreated, namer, type OwnPolicy, takeIn, withPolicy } from './edits';

/** What can be decided about single objects of a plan. Each decision plans again. */
export interface Editing {
	/** Whether nothing can be decided just now. */
	busy: boolean;
	isLeftOut: (row: PlanRow) => boolean;
	policy: (row: PlanRow) => OwnPolicy | undefined;
	leaveOut: (rows: PlanRow[]) => void;
	takeIn: (rows: PlanRow[]) => void;
	/** Without a policy, the rule of the restore holds for them again. */
	setPolicy: (rows: PlanRow[], policy: OwnPolicy | undefined) => void;
}

/** Editing the plan of a request; undefined until the names of its kinds are known. */
export function useEditing(
	request: RestoreRequest,
	draft: Draft,
	busy: boolean,
	onEdit: (draft: Draft) => void,
): Editing | undefined {
	const backend = useBackend();
	const { point } = request;
	const details = useQuery({
		queryKey: ['point', point.vaultId, point.point],
		queryFn: () => backend.point(point),
	});
	const kinds = details.data?.kinds;
	const name = useMemo(() => kinds && namer(kinds), [kinds]);
	const now = useMemo(() => decisions(request), [request]);
	if (!name) return undefined;
	return {
		busy,
		isLeftOut: (row) => now.isLeftOut(name(row)),
		policy: (row) => now.policy(name(row)),
		leaveOut: (rows) => onEdit(leaveOut(draft, rows.map(name))),
		takeIn: (rows) => onEdit(takeIn(draft, rows.map(name))),
		setPolicy: (rows, policy) => {
			const meant = policy === 'recreate' ? rows.filter(mayBeRecreated) : rows;
			onEdit(withPolicy(draft, meant.map(name), policy));
		},
	};
}
