import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { VaultRow } from '@/backend/bindings';
import { FailureView, formatBytes, formatCount, Pane, RelativeTime, StatusDot, useBackend } from '@/shared';
import { Facts } from '@/shared/facts';
import { AUTH, addressWords } from './vault-words';
import { vaultStatus } from './vaults-screen';

/** One vault: how it is, and forgetting it. */
export function VaultPane({ vault, onClose }: { vault: VaultRow; onClose: () => void }) {
	const backend = useBackend();
	const client = useQueryClient();
	const [asking, setAsking] = useState(false);
	const reload = () => client.invalidateQueries({ queryKey: ['vaults'] });
	const look = useMutation({ mutationFn: () => backend.refreshVault(vault.id), onSuccess: reload });
	const forget = useMutation({
		mutationFn: () => backend.forgetVault(vault.id),
		onSuccess: async () => {
			await reload();
			onClose();
		},
	});
	return (
		<Pane
			title={vault.name}
			onClose={onClose}
			footer={
				<>
					<Button disabled={look.isPending} onClick={() => look.mutate()}>
						Look again
					</Button>
					<Button onClick={() => setAsking(true)}>Forget…</Button>
				</>
			}
		>
			<div style={{ marginBottom: 12 }}>
				<StatusDot status={look.isPending ? 'checking' : vaultStatus(vault)} />
			</div>
			{vault.failure && !look.isPending && (
				<div style={{ marginBottom: 16 }}>
					<FailureView failure={vault.failure} onRetry={() => look.mutate()} />
				</div>
			)}
			{look.error && <FailureView failure={look.error} />}
			<Facts
				facts={[
					['Kind', vault.kind === 'folder' ? 'Folder' : 'Azure blob container'],
					['Address', addressWords(vault)],
					['Signs in with', vault.kind === 'blob' && AUTH[vault.auth].label],
					['Recovery points', formatCount(vault.points)],
					['Size', formatBytes(vault.bytes)],
					['Looked at', vault.asOf ? <RelativeTime key="asOf" time={vault.asOf} /> : 'not yet'],
				]}
			/>
			{asking && (
				<Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && setAsking(false)}>
					<DialogSurface>
						<DialogBody>
							<DialogTitle>Forget {vault.name}?</DialogTitle>
							<DialogContent>
								Nothing in {addressWords(vault)} is touched: its recovery points stay and can be used again when the
								vault is added again.
								{forget.error && <FailureView failure={forget.error} />}
							</DialogContent>
							<DialogActions>
								<Button onClick={() => setAsking(false)}>Keep it</Button>
								<Button appearance="primary" disabled={forget.isPending} onClick={() => forget.mutate()}>
									Forget vault
								</Button>
							</DialogActions>
						</DialogBody>
					</DialogSurface>
				</Dialog>
			)}
		</Pane>
	);
}
