import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
	Dropdown,
	Field,
	Option,
} from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { FailureView, useBackend, useClusters, useVaults } from '@/shared';
import type { Saved } from './use-plan';

interface OpenSavedProps {
	/** What is filled in already. */
	vaultId: string | undefined;
	clusterId: string | undefined;
	onOpen: (saved: Saved) => void;
}

/** Asks for the file of a saved plan, then for where its recovery point is and which cluster to plan it for. */
export function OpenSaved({ vaultId, clusterId, onOpen }: OpenSavedProps) {
	const backend = useBackend();
	const [text, setText] = useState<string>();
	const pick = useMutation({ mutationFn: () => backend.openText(), onSuccess: (read) => setText(read ?? undefined) });
	return (
		<>
			{pick.error && <FailureView failure={pick.error} />}
			<Button disabled={pick.isPending} onClick={() => pick.mutate()}>
				Open a saved plan…
			</Button>
			{text !== undefined && (
				<Choose
					vaultId={vaultId}
					clusterId={clusterId}
					onClose={() => setText(undefined)}
					onChoose={(vault, cluster) => {
						setText(undefined);
						onOpen({ text, vaultId: vault, clusterId: cluster, acceptDrift: false });
					}}
				/>
			)}
		</>
	);
}

interface ChooseProps {
	vaultId: string | undefined;
	clusterId: string | undefined;
	onChoose: (vaultId: string, clusterId: string) => void;
	onClose: () => void;
}

function Choose({ onChoose, onClose, ...known }: ChooseProps) {
	const vaults = useVaults();
	const clusters = useClusters();
	const [vaultId, setVault] = useState(known.vaultId);
	const [clusterId, setCluster] = useState(known.clusterId);
	const [only] = vaults.data?.length === 1 ? vaults.data : [];
	const vault = vaults.data?.find(({ id }) => id === vaultId) ?? only;
	const cluster = clusters.data?.find(({ id }) => id === clusterId);
	return (
		<Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
			<DialogSurface>
				<DialogBody>
					<DialogTitle>Open a saved plan</DialogTitle>
					<DialogContent style={{ display: 'grid', gap: 12 }}>
						<div>The plan is made again for the cluster as it is now. What changed since it was saved is Blocked.</div>
						{vaults.error && <FailureView failure={vaults.error} onRetry={() => vaults.refetch()} />}
						<Field label="Vault of its recovery point">
							<Dropdown
								placeholder="Choose a vault"
								value={vault?.name ?? ''}
								selectedOptions={vault ? [vault.id] : []}
								onOptionSelect={(_, data) => setVault(data.optionValue)}
							>
								{(vaults.data ?? []).map(({ id, name }) => (
									<Option key={id} value={id}>
										{name}
									</Option>
								))}
							</Dropdown>
						</Field>
						{clusters.error && <FailureView failure={clusters.error} onRetry={() => clusters.refetch()} />}
						<Field label="Cluster">
							<Dropdown
								placeholder="Choose a cluster"
								value={cluster?.name ?? ''}
								selectedOptions={cluster ? [cluster.id] : []}
								onOptionSelect={(_, data) => setCluster(data.optionValue)}
							>
								{(clusters.data ?? []).map(({ id, name }) => (
									<Option key={id} value={id}>
										{name}
									</Option>
								))}
							</Dropdown>
						</Field>
					</DialogContent>
					<DialogActions>
						<Button onClick={onClose}>Cancel</Button>
						<Button
							appearance="primary"
							disabled={!vault || !cluster}
							onClick={() => vault && cluster && onChoose(vault.id, cluster.id)}
						>
							Open the plan
						</Button>
					</DialogActions>
				</DialogBody>
			</DialogSurface>
		</Dialog>
	);
}
