import { useEffect, useMemo, useState } from 'react';
import type { PlanRow } from '@/backend/bindings';
import type { DataTableProps, RowSource } from '@/shared/table';
import { entryKey } from './entry-columns';

/** Rows asked for at once. */
const CHUNK = 1_000;
/** Most rows that are marked; the engine takes no longer list. */
export const MOST_MARKED = 100_000;

type Source = Extract<RowSource<PlanRow>, { kind: 'paged' }>;
type Marks = ReadonlyMap<string, PlanRow>;

const NONE: Marks = new Map();

async function rowsOf(source: Source, from: number, to: number): Promise<PlanRow[]> {
	const rows: PlanRow[] = [];
	while (from + rows.length < to) {
		const page = await source.read(from + rows.length, Math.min(CHUNK, to - from - rows.length));
		if (page.rows.length === 0) break;
		rows.push(...page.rows);
	}
	return rows;
}

/**
 * The marked rows of a table whose rows come in pages. They are kept with their marks, because they may be out of
 * sight by the time something is done to them. `scope` says what is shown: what is marked is never hidden by a filter.
 */
export function useMarks(source: Source, scope: string) {
	const [kept, setKept] = useState<{ scope: string; marks: Marks }>({ scope, marks: NONE });
	const [error, setError] = useState<unknown>();
	const marks = kept.scope === scope ? kept.marks : NONE;
	const set = (to: Marks) => setKept({ scope, marks: to });
	// biome-ignore lint/correctness/useExhaustiveDependencies: what failed for other rows is not said of these
	useEffect(() => setError(undefined), [scope]);

	const put = (rows: PlanRow[], on: boolean) => {
		setError(undefined);
		setKept((now) => {
			const next = new Map(now.scope === scope ? now.marks : NONE);
			for (const row of rows) on ? next.set(entryKey(row), row) : next.delete(entryKey(row));
			return { scope, marks: next };
		});
	};
	/** Rows between two places may never have been in sight. */
	const mark = (from: number, to: number, on: boolean) => {
		rowsOf(source, from, Math.min(to, from + MOST_MARKED)).then((rows) => put(rows, on), setError);
	};
	const selection: Omit<NonNullable<DataTableProps<PlanRow>['selection']>, 'keys'> = {
		onChange: (keys) => {
			const next = new Map([...marks].filter(([key]) => keys.has(key)));
			for (let at = 0; at < source.total && next.size < keys.size; at += 1) {
				const row = source.rowAt(at);
				if (row && keys.has(entryKey(row))) next.set(entryKey(row), row);
			}
			set(next);
		},
		onRange: (from, to, on) => mark(from, to + 1, on),
		onAll: (on) => (on ? mark(0, source.total, true) : set(NONE)),
	};
	const marked = useMemo(() => [...marks.values()], [marks]);
	const keys = useMemo(() => new Set(marks.keys()), [marks]);
	return { marked, selection: { ...selection, keys }, clear: () => set(NONE), error };
}
