import { Button, makeStyles } from '@fluentui/react-components';
import type { QueryKey } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { Action, Outcome, PlanRow, PlanSort } from '@/backend/bindings';
import { EmptyState, FailureView, FilterBox, useHotkey } from '@/shared';
import { FilterPills } from '@/shared/filter-pills';
import { Splitter, useStoredWidth } from '@/shared/splitter';
import { DataTable } from '@/shared/table';
import { useDebounced } from '@/shared/use-debounced';
import { useMediaQuery } from '@/shared/use-media-query';
import { EditBar } from './edit-bar';
import type { Editing } from './editing';
import { beside, entryKey, PLAN_COLUMNS, REPORT_COLUMNS } from './entry-columns';
import { type EntriesAsked, type FetchEntries, useEntries } from './use-entries';
import { useMarks } from './use-marks';
import { type Reached, useWalk } from './use-walk';

const DEBOUNCE_MS = 80;
const columns = { action: PLAN_COLUMNS, outcome: REPORT_COLUMNS };
const narrow = { action: beside(PLAN_COLUMNS), outcome: beside(REPORT_COLUMNS) };

const useStyles = makeStyles({
	root: { display: 'flex', flexGrow: 1, minHeight: 0, minWidth: 0 },
	table: { display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: '280px', minHeight: 0 },
	pane: { display: 'flex', flexShrink: 0, maxWidth: '65%', minHeight: 0 },
});

/** What is counted and filtered by: the actions of a plan, or the outcomes of a report. */
export type Counted = { by: 'action'; counts: [Action, number][] } | { by: 'outcome'; counts: [Outcome, number][] };

interface EntriesProps {
	label: string;
	queryKey: QueryKey;
	fetch: FetchEntries;
	counted: Counted;
	/** Words of a warning, whose entries are shown at first. */
	warning?: string | undefined;
	/** Whether entries still change: then they stay where they are, in the order of the plan. */
	moving?: boolean;
	/** Actions that alone are shown at first; none for all. */
	first?: Action[];
	/** What can be decided about marked entries; without it none can be marked. */
	editing?: Editing | undefined;
	/** The pane of an entry. */
	pane: (row: PlanRow, onClose: () => void) => ReactNode;
	/** Buttons beside the filter. */
	tools?: ReactNode;
	/** What to say where there is no entry at all. */
	nothing: ReactNode;
}

/** The entries of a plan or a report: counts as filters, text filter, virtual table, and a pane. */
export function Entries(props: EntriesProps) {
	const {
		label,
		queryKey,
		fetch,
		counted,
		warning = '',
		moving = false,
		first = [],
		editing,
		pane,
		tools,
		nothing,
	} = props;
	const styles = useStyles();
	const [text, setText] = useState(warning);
	const [actions, setActions] = useState<Action[]>(first);
	const [outcomes, setOutcomes] = useState<Outcome[]>([]);
	const [chosen, setSort] = useState<{ column: PlanSort; descending: boolean }>();
	// What a person must know stands first: what cannot be or was not done, then what is written.
	const sort = chosen ?? { column: moving ? ('order' as const) : ('action' as const), descending: false };
	const [active, setActive] = useState<Reached>();
	const [width, setWidth] = useStoredWidth('entry-width', Math.max(560, window.innerWidth * 0.42));
	const wide = useMediaQuery('(min-width: 1700px)');
	const asked: EntriesAsked = {
		actions,
		outcomes,
		text: useDebounced(text.trim(), DEBOUNCE_MS),
		sort: sort.column,
		descending: sort.descending,
	};
	const entries = useEntries(queryKey, fetch, asked);
	const marks = useMarks(entries.source, JSON.stringify([queryKey, asked.actions, asked.outcomes, asked.text]));
	const walk = useWalk(entries.source, active, setActive);
	useHotkey('n', 'Next difference', () => walk(1));
	useHotkey('p', 'Previous difference', () => walk(-1));
	const clear = () => [setText(''), setActions([]), setOutcomes([])];

	if (entries.error) {
		return (
			<div style={{ padding: '8px 24px' }}>
				<FailureView failure={entries.error} onRetry={entries.retry} />
			</div>
		);
	}
	const toolbar = (
		<>
			{counted.by === 'action' ? (
				<FilterPills label="Action" counts={counted.counts} selected={actions} onChange={setActions} />
			) : (
				<FilterPills label="Outcome" counts={counted.counts} selected={outcomes} onChange={setOutcomes} />
			)}
			<FilterBox
				label={`Filter ${label.toLowerCase()}`}
				placeholder="kind: ns: name: or a word of the reason"
				value={text}
				onChange={setText}
			/>
			<span style={{ flexGrow: 1 }} />
			{tools}
		</>
	);
	return (
		<div className={styles.root}>
			<div className={styles.table}>
				<DataTable
					label={label}
					columns={active && !wide ? narrow[counted.by] : columns[counted.by]}
					allColumns={columns[counted.by]}
					menu={counted.by === 'action' ? 'restore-plan' : 'restore-report'}
					rowKey={entryKey}
					source={entries.source}
					loading={entries.loading}
					sort={sort}
					onSort={(to) => setSort({ ...to, column: to.column as PlanSort })}
					activeKey={active && entryKey(active.row)}
					activeIndex={active?.index}
					onActivate={(row) => setActive({ row })}
					onDeactivate={() => setActive(undefined)}
					empty={
						entries.of === 0 ? (
							nothing
						) : (
							<EmptyState
								title="Nothing matches the filter"
								actions={<Button onClick={clear}>Clear the filter</Button>}
							>
								{warning !== '' &&
									asked.text === warning &&
									'No object has the words of this warning; it may be about the restore as a whole.'}
							</EmptyState>
						)
					}
					toolbar={toolbar}
					{...(editing ? { selection: marks.selection } : {})}
				/>
				{marks.error !== undefined && <FailureView failure={marks.error} />}
				{editing && marks.marked.length > 0 && <EditBar rows={marks.marked} editing={editing} onClear={marks.clear} />}
			</div>
			{active && (
				<>
					<Splitter label="Width of the entry" width={width} min={320} max={1100} onResize={setWidth} right />
					<div className={styles.pane} style={{ width }}>
						{pane(active.row, () => setActive(undefined))}
					</div>
				</>
			)}
		</div>
	);
}
