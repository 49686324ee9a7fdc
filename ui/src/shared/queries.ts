import { useQuery } from '@tanstack/react-query';
import type { PointKey } from '@/backend/bindings';
import { useBackend } from './backend-context';

/** What several screens ask for; the event bridge fetches it again when the engine says that it changed. */
export function useClusters() {
	const backend = useBackend();
	return useQuery({ queryKey: ['clusters'], queryFn: () => backend.clusters() });
}

/** Asks the cluster itself, which may take up to 15 seconds; nothing is asked where there is no id. */
export function useClusterStatus(id: string | undefined) {
	const backend = useBackend();
	return useQuery({
		queryKey: ['cluster-status', id],
		queryFn: () => backend.clusterStatus(id ?? ''),
		enabled: id !== undefined,
	});
}

export function useVaults() {
	const backend = useBackend();
	return useQuery({ queryKey: ['vaults'], queryFn: () => backend.vaults() });
}

export function useJobs() {
	const backend = useBackend();
	return useQuery({ queryKey: ['jobs'], queryFn: () => backend.jobs() });
}

export function usePoints() {
	const backend = useBackend();
	return useQuery({ queryKey: ['points'], queryFn: () => backend.points() });
}

/** What a point says about volumes; nothing is asked where there is no point. */
export function usePointVolumes(point: PointKey | undefined) {
	const backend = useBackend();
	return useQuery({
		queryKey: ['point', point?.vaultId, point?.point, 'volumes'],
		queryFn: () => backend.pointVolumes(point ?? { vaultId: '', point: '' }),
		enabled: point !== undefined,
	});
}

export function useAppInfo() {
	const backend = useBackend();
	return useQuery({ queryKey: ['app-info'], queryFn: () => backend.appInfo(), staleTime: Number.POSITIVE_INFINITY });
}
