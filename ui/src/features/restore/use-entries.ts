import type { QueryKey } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { PlanPage, PlanQuery, PlanRow } from '@/backend/bindings';
import { usePagedRows } from '@/shared/table';

/** Which entries, without the page. */
export type EntriesAsked = Omit<PlanQuery, 'offset' | 'limit'>;

export type FetchEntries = (query: PlanQuery) => Promise<PlanPage>;

/** What was not restored stands first in a report that is not filtered otherwise. */
const UNDONE: EntriesAsked['outcomes'] = ['failed', 'blocked'];
const DONE: EntriesAsked['outcomes'] = ['created', 'patched', 'skipped', 'identical', 'derived', 'planned'];

/** The entries of a plan or a report that match, page by page; with `undoneFirst`, failed and blocked ones lead. */
export function useEntries(queryKey: QueryKey, fetch: FetchEntries, asked: EntriesAsked, undoneFirst: boolean) {
	const two = undoneFirst && asked.outcomes.length === 0 && asked.sort === 'order' && !asked.descending;
	const first = { ...asked, outcomes: two ? UNDONE : asked.outcomes };
	const second = { ...asked, outcomes: DONE };
	const head = usePagedRows<PlanRow, PlanPage>([...queryKey, first], (offset, limit) =>
		fetch({ ...first, offset, limit }),
	);
	const tail = usePagedRows<PlanRow, PlanPage>(
		[...queryKey, second],
		(offset, limit) => fetch({ ...second, offset, limit }),
		{
			enabled: two,
		},
	);
	const leading = head.source.total;
	const { ensure: ensureHead } = head.source;
	const { ensure: ensureTail } = tail.source;
	const ensure = useCallback(
		(from: number, to: number) => {
			ensureHead(from, to);
			if (two) ensureTail(Math.max(0, from - leading), Math.max(1, to - leading));
		},
		[ensureHead, ensureTail, leading, two],
	);
	const rowAt = (index: number): PlanRow | undefined =>
		index < leading || !two ? head.source.rowAt(index) : tail.source.rowAt(index - leading);
	const total = leading + (two ? tail.source.total : 0);
	return {
		source: { kind: 'paged' as const, total, rowAt, ensure },
		/** How many entries there are, whatever is filtered; undefined until known. */
		of: head.first?.of,
		loading: head.loading || (two && tail.loading),
		error: head.error ?? (two ? tail.error : undefined),
		retry: () => {
			void head.retry();
			if (two) void tail.retry();
		},
	};
}
