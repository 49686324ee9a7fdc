import type { PlanRow, PlanSort } from '@/backend/bindings';
import { MiddleText, StatusDot, statusWord } from '@/shared';
import type { Column } from '@/shared/table';
import { ModifierMark } from './modifier-notes';
import { namespaceOf, whyOf } from './words';

export const entryKey = (row: PlanRow): string => String(row.entry);

function columns(first: Column<PlanRow>): Column<PlanRow>[] {
	return [
		first,
		{
			id: 'kind' satisfies PlanSort,
			header: 'Kind',
			width: 160,
			sortable: true,
			fixed: true,
			text: (row) => row.kind,
			render: (row) => <MiddleText text={row.kind} />,
		},
		{
			id: 'name' satisfies PlanSort,
			header: 'Name',
			width: 140,
			grow: 2,
			sortable: true,
			fixed: true,
			text: (row) => row.targetName,
			render: (row) => <MiddleText text={row.targetName} mono />,
		},
		{
			id: 'namespace' satisfies PlanSort,
			header: 'Namespace',
			width: 112,
			grow: 1,
			sortable: true,
			mono: true,
			text: namespaceOf,
			render: (row) => <MiddleText text={namespaceOf(row)} mono />,
		},
		{
			id: 'why',
			header: 'What changes, or why not',
			width: 200,
			grow: 4,
			text: whyOf,
			render: (row) => (
				<>
					{row.modifiers.length > 0 && <ModifierMark notes={row.modifiers} />}
					{whyOf(row)}
				</>
			),
		},
	];
}

export const PLAN_COLUMNS = columns({
	id: 'action' satisfies PlanSort,
	header: 'Action',
	width: 96,
	sortable: true,
	text: (row) => (row.earlier ? 'Done before' : statusWord(row.action)),
	render: (row) =>
		row.earlier ? <StatusDot status="completed" word="Done before" /> : <StatusDot status={row.action} />,
});

export const REPORT_COLUMNS = columns({
	id: 'outcome',
	header: 'Outcome',
	width: 96,
	text: (row) => statusWord(row.outcome),
	render: (row) => <StatusDot status={row.outcome} />,
});

/** The least widths with which all columns are in sight beside an entry. */
const BESIDE: Record<string, number> = { kind: 116, name: 120, namespace: 80 };

/** The columns beside an open entry, which says the rest itself. */
export function beside(all: Column<PlanRow>[]): Column<PlanRow>[] {
	return all
		.filter(({ id }) => id !== 'why')
		.map((column) => ({ ...column, width: BESIDE[column.id] ?? column.width ?? 96 }));
}
