import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Failure, VaultFailure, VaultRow } from '@/backend/bindings';
import { FailureView, RelativeTime, useBackend } from '@/shared';

interface VaultFailuresProps {
	failures: VaultFailure[];
	/** The vaults as they were seen last, as far as they are known. */
	vaults: VaultRow[];
}

/** Of a vault that is gone the engine says what is said here with the time. */
const said = (failure: Failure): Failure => (failure.code === 'vaultGone' ? { ...failure, guidance: '' } : failure);

/** The vaults that could not be listed, each with what is shown in place of its answer. */
export function VaultFailures({ failures, vaults }: VaultFailuresProps) {
	const backend = useBackend();
	const client = useQueryClient();
	const look = useMutation({
		mutationFn: (vaultId: string) => backend.refreshVault(vaultId),
		onSettled: () =>
			Promise.all([
				client.invalidateQueries({ queryKey: ['points'] }),
				client.invalidateQueries({ queryKey: ['vaults'] }),
			]),
	});
	if (failures.length === 0) return null;
	return (
		<div style={{ display: 'grid', gap: 8, padding: '0 24px 12px' }}>
			{failures.map(({ vaultId, vaultName, failure }) => {
				const seen = vaults.find((vault) => vault.id === vaultId)?.asOf;
				return (
					<FailureView key={vaultId} failure={said(failure)} onRetry={() => look.mutate(vaultId)}>
						Recovery points of {vaultName} are shown as they were seen last
						{seen && (
							<>
								, <RelativeTime time={seen} />
							</>
						)}
						.
					</FailureView>
				);
			})}
		</div>
	);
}
