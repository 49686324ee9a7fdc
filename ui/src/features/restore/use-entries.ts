import type { QueryKey } from '@tanstack/react-query';
import type { PlanPage, PlanQuery, PlanRow } from '@/backend/bindings';
import { usePagedRows } from '@/shared/table';

/** Which entries, without the page. */
export type EntriesAsked = Omit<PlanQuery, 'offset' | 'limit'>;

export type FetchEntries = (query: PlanQuery) => Promise<PlanPage>;

/** The entries of a plan or a report that match, page by page. */
export function useEntries(queryKey: QueryKey, fetch: FetchEntries, asked: EntriesAsked) {
	const rows = usePagedRows<PlanRow, PlanPage>([...queryKey, asked], (offset, limit) =>
		fetch({ ...asked, offset, limit }),
	);
	return {
		source: rows.source,
		/** How many entries there are, whatever is filtered; undefined until known. */
		of: rows.first?.of,
		loading: rows.loading,
		error: rows.error,
		retry: rows.retry,
	};
}
