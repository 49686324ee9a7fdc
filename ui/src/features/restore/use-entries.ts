import type { QueryKey } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { Outcome, PlanPage, PlanQuery, PlanRow } from '@/backend/bindings';
import { type RowPage, usePagedRows } from '@/shared/table';

/** Which entries, without the page. */
export type EntriesAsked = Omit<PlanQuery, 'offset' | 'limit'>;

export type FetchEntries = (query: PlanQuery) => Promise<PlanPage>;

/** The order of a report that is not filtered or sorted otherwise: what was not restored stands first. */
const FAILED: Outcome[] = ['failed'];
const BLOCKED: Outcome[] = ['blocked'];
const REST: Outcome[] = ['created', 'patched', 'skipped', 'identical', 'derived', 'planned'];

function useGroup(queryKey: QueryKey, fetch: FetchEntries, asked: EntriesAsked, enabled: boolean) {
	return usePagedRows<PlanRow, PlanPage>([...queryKey, asked], (offset, limit) => fetch({ ...asked, offset, limit }), {
		enabled,
	});
}

/** The entries of a plan or a report that match, page by page; with `undoneFirst`, failed and blocked ones lead. */
export function useEntries(queryKey: QueryKey, fetch: FetchEntries, asked: EntriesAsked, undoneFirst: boolean) {
	const grouped = undoneFirst && asked.outcomes.length === 0 && asked.sort === 'order' && !asked.descending;
	const head = useGroup(queryKey, fetch, grouped ? { ...asked, outcomes: FAILED } : asked, true);
	const middle = useGroup(queryKey, fetch, { ...asked, outcomes: BLOCKED }, grouped);
	const tail = useGroup(queryKey, fetch, { ...asked, outcomes: REST }, grouped);

	const first = head.source.total;
	const second = first + (grouped ? middle.source.total : 0);
	const total = second + (grouped ? tail.source.total : 0);
	const { ensure: ensureHead } = head.source;
	const { ensure: ensureMiddle } = middle.source;
	const { ensure: ensureTail } = tail.source;
	const ensure = useCallback(
		(from: number, to: number) => {
			const within = (start: number): [number, number] => [Math.max(0, from - start), Math.max(1, to - start)];
			ensureHead(from, to);
			ensureMiddle(...within(first));
			ensureTail(...within(second));
		},
		[ensureHead, ensureMiddle, ensureTail, first, second],
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
		of: head.first?.of,
		loading: groups.some((group) => group.loading),
		error: groups.find((group) => group.error)?.error,
		retry: () => {
			for (const group of groups) void group.retry();
		},
	};
}
