import { keepPreviousData, type QueryKey, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useRef, useState } from 'react';
import type { RowSource } from './types';

/** Rows in a page. */
export const PAGE = 200;

export interface PagedRows<Row, Page> {
	source: Extract<RowSource<Row>, { kind: 'paged' }>;
	/** The newest first page, with whatever else it says beside its rows. */
	first: Page | undefined;
	/** Whether there is nothing to show yet. */
	loading: boolean;
	/** Whether rows of an earlier question are shown until those of this one come. */
	stale: boolean;
	error: unknown;
	retry: () => void;
}

/**
 * Rows that are fetched page by page as they come into sight. `queryKey` says the question; pages are cached under
 * it. While the first page of a new question is on its way, the rows of the one before stay.
 */
export function usePagedRows<Row, Page extends { total: number; rows: Row[] }>(
	queryKey: QueryKey,
	fetchPage: (offset: number, limit: number) => Promise<Page>,
	options: { enabled?: boolean } = {},
): PagedRows<Row, Page> {
	const client = useQueryClient();
	const [range, setRange] = useState({ from: 0, to: 0 });
	const enabled = options.enabled ?? true;
	const first = useQuery({
		queryKey: [...queryKey, 'page', 0],
		queryFn: () => fetchPage(0, PAGE),
		placeholderData: keepPreviousData,
		enabled,
	});
	const answered = useRef<QueryKey>(queryKey);
	if (first.data && !first.isPlaceholderData) answered.current = queryKey;
	const key = first.isPlaceholderData ? answered.current : queryKey;

	const total = first.data?.total ?? 0;
	const pages: number[] = [];
	for (let page = Math.max(1, range.from); page <= range.to && page * PAGE < total; page += 1) pages.push(page);
	const rest = useQueries({
		queries: pages.map((page) => ({
			queryKey: [...queryKey, 'page', page],
			queryFn: () => fetchPage(page * PAGE, PAGE),
			enabled: enabled && !first.isPlaceholderData,
		})),
	});

	const ensure = useCallback((from: number, to: number) => {
		const next = { from: Math.floor(from / PAGE), to: Math.floor(Math.max(from, to - 1) / PAGE) };
		setRange((now) => (now.from === next.from && now.to === next.to ? now : next));
	}, []);
	// Looking a page up costs more than a row is worth; whoever walks all rows asks once for each page.
	const seen = new Map<number, Page | undefined>([[0, first.data]]);
	const rowAt = (index: number): Row | undefined => {
		const page = Math.floor(index / PAGE);
		if (!seen.has(page)) seen.set(page, client.getQueryData<Page>([...key, 'page', page]));
		return seen.get(page)?.rows[index % PAGE];
	};
	const broken = rest.find((each) => each.error);
	return {
		source: { kind: 'paged', total, rowAt, ensure, read: fetchPage },
		first: first.data,
		loading: first.isPending && enabled,
		stale: first.isPlaceholderData,
		error: first.error ?? broken?.error,
		retry: () => client.refetchQueries({ queryKey, type: 'active' }),
	};
}
