import { useParams } from '@tanstack/react-router';
import type { PointKey } from '@/backend/bindings';

/** The recovery point that the address names. */
export function useRoutePoint(): PointKey {
	const { vault = '', point = '' } = useParams({ strict: false }) as { vault?: string; point?: string };
	return { vaultId: vault, point };
}
