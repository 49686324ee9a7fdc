import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { MatchPreview, Selection } from '@/backend/bindings';
import { newRequestId, useBackend } from '@/shared';
import { useDebounced } from '@/shared/use-debounced';

/** How long typing has to rest before the cluster is asked. */
const REST_MS = 250;

/** What the selection matches now. A newer question cancels the one before; its answer stays until then. */
export function usePreview(clusterId: string, selection: Selection) {
	const backend = useBackend();
	const client = useQueryClient();
	const asked = useDebounced(selection, REST_MS);
	const ask = (fresh: boolean, signal: AbortSignal): Promise<MatchPreview> => {
		const requestId = newRequestId();
		signal.addEventListener('abort', () => void backend.cancelRequest(requestId));
		return backend.previewSelection(clusterId, asked, fresh, requestId);
	};
	const queryKey = ['preview', clusterId, asked];
	const query = useQuery({
		queryKey,
		queryFn: ({ signal }) => ask(false, signal),
		placeholderData: keepPreviousData,
	});
	return {
		preview: query.error ? undefined : query.data,
		error: query.error,
		/** Whether the numbers are of an earlier question. */
		busy: query.isFetching || asked !== selection,
		retry: () => void query.refetch(),
		readAgain: () => void client.fetchQuery({ queryKey, queryFn: ({ signal }) => ask(true, signal), staleTime: 0 }),
	};
}
