import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ObjectPage, ObjectQuery, ObjectRow, PointKey } from '@/backend/bindings';
import { useBackend } from '@/shared';
import { usePagedRows } from '@/shared/table';

export type Asked = Omit<ObjectQuery, 'offset' | 'limit' | 'point'>;

/** The objects of a point that match, page by page; those of an earlier question stay until this one is answered. */
export function useObjects(point: PointKey, asked: Asked) {
	const backend = useBackend();
	return usePagedRows<ObjectRow, ObjectPage>(['point', point.vaultId, point.point, 'objects', asked], (offset, limit) =>
		backend.pointObjects({ point, ...asked, offset, limit }),
	);
}

/** Namespaces and kinds of the objects that match a text. */
export function useTree(point: PointKey, text: string) {
	const backend = useBackend();
	const query: ObjectQuery = { point, text, sort: 'kind', descending: false, offset: 0, limit: 1 };
	return useQuery({
		queryKey: ['point', point.vaultId, point.point, 'tree', text],
		queryFn: () => backend.pointTree(query),
		placeholderData: keepPreviousData,
	});
}
