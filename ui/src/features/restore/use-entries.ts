import type { QueryKey } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Outcome, PlanPage, PlanQuery, PlanRow } from '@/backend/bindings';
import { type RowPage, usePagedRows } from '@/shared/table';

/** Which entries, without the page. */
export type EntriesAsked = Omit<PlanQuery, 'offset' | 'limit'>;

export type FetchEntries = (query: PlanQuery) => Promise<PlanPage>;

/** The entries of a plan or a report that match, page by page. */
export function useEntries(queryKey: QueryKey, fetch: FetchEntries, asked: EntriesAsked) {
	const rows = usePagedRows<PlanRow, PlanPage>([...queryKey, asked], (offset, limit) =>
		fetch({ ...asked, offset, limit }),
	);
	const rowAt = (index: number): PlanRow | undefined => {
		if (!grouped || index < first) return head.source.rowAt(index);
		return index < second ? middle.source.rowAt(index - first) : tail.source.rowAt(index - second);
	};
	const groups = grouped ? [head, middle, tail] : [head];
	const read = async (offset: number, limit: number): Promise<RowPage<PlanRow>> => {
		const page: RowPage<PlanRow> = { total: 0, rows: [] };
		for (const { source } of groups) {
			const part = await source.read(Math.max(0, offset - page.total), limit - page.rows.length);
			page.rows.push(...part.rows);
			page.total += part.total;
		}
		return page;
	};
	return {
		source: { kind: 'paged' as const, total, rowAt, ensure, read },
		/** How many entries there are, whatever is filtered; undefined until known. */
		of: rows.first?.of,
		loading: rows.loading,
		error: rows.error,
		retry: rows.retry,
	};
}
