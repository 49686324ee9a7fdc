import { useQuery } from '@tanstack/react-query';
import type { PlanRow, RestoreRequest } from '@/backend/bindings';
import { useBackend } from '@/shared';
import type { Draft } from './draft';
import { isLeftOut, leaveOut, mayBeRecreated, nameOf, type OwnPolicy, ownPolicy, takeIn, withPolicy } from './edits';

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
	if (!details.data) return undefined;
	const { kinds } = details.data;
	const name = (row: PlanRow) => nameOf(row, kinds);
	return {
		busy,
		isLeftOut: (row) => isLeftOut(request, name(row)),
		policy: (row) => ownPolicy(request, name(row)),
		leaveOut: (rows) => onEdit(leaveOut(draft, rows.map(name))),
		takeIn: (rows) => onEdit(takeIn(draft, rows.map(name))),
		setPolicy: (rows, policy) => {
			const meant = policy === 'recreate' ? rows.filter(mayBeRecreated) : rows;
			onEdit(withPolicy(draft, meant.map(name), policy));
		},
	};
}
