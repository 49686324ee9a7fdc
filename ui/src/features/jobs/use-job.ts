import { useQuery } from '@tanstack/react-query';
import { useBackend } from '@/shared';

/** One job in full; its row follows the events. */
export function useJob(vaultId: string, id: string) {
	const backend = useBackend();
	return useQuery({ queryKey: ['job', vaultId, id], queryFn: () => backend.job(vaultId, id), staleTime: 1_000 });
}
