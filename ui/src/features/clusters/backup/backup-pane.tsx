import { Button, Field, Input, makeStyles, Spinner } from '@fluentui/react-components';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BackupRequest, ClusterRow, Selection } from '@/backend/bindings';
import { useHookProblems } from '@/features/hooks';
import { ClusterFailure, Command, FailureView, Pane, plural, Section, useBackend, useVaults } from '@/shared';
import { useDebounced } from '@/shared/use-debounced';
import { MatchView } from './match-view';
import { MoreOptions } from './more-options';
import { NamespaceChoice } from './namespace-choice';
import { EVERYTHING } from './selection';
import { usePreview } from './use-preview';
import { VaultChoice } from './vault-choice';
import { choiceOf, USUAL_VOLUMES, type VolumesDraft } from './volumes';
import { VolumesChoice } from './volumes-choice';

const useStyles = makeStyles({ form: { display: 'grid', gap: '16px', marginBottom: '20px' } });

interface BackupPaneProps {
	cluster: ClusterRow;
	onClose: () => void;
	onStarted: () => void;
}

/** Everything about one backup before it starts: where to, what, and how much that is. */
export function BackupPane({ cluster, onClose, onStarted }: BackupPaneProps) {
	const styles = useStyles();
	const backend = useBackend();
	const vaults = useVaults();
	const suggestion = useQuery({
		queryKey: ['point-name', cluster.id],
		queryFn: () => backend.suggestPointName(cluster.id),
		staleTime: 0,
	});
	const [vault, setVault] = useState<string>();
	const [typedName, setTypedName] = useState<string>();
	const [only, setOnly] = useState(false);
	const [selection, setSelection] = useState<Selection>(EVERYTHING);
	const change = (part: Partial<Selection>) => setSelection((now) => ({ ...now, ...part }));
	const [volumes, setVolumes] = useState<VolumesDraft>(USUAL_VOLUMES);
	const hookProblems = useHookProblems(volumes.snapshots ? volumes.hooks : []);
	const choose = (some: boolean) => {
		setOnly(some);
		if (!some) change({ includeNamespaces: [] });
	};

	const usable = vaults.data?.filter((each) => !each.readOnly) ?? [];
	const vaultId = vault ?? (usable.find((each) => !each.failure) ?? usable[0])?.id;
	const name = typedName ?? suggestion.data ?? '';
	const choice = choiceOf(volumes);
	const request: BackupRequest | undefined = choice && {
		clusterId: cluster.id,
		vaultId: vaultId ?? '',
		name,
		selection,
		volumes: choice,
	};
	const { preview, error, busy, retry, readAgain } = usePreview(cluster.id, selection);
	const unnamed = only && selection.includeNamespaces.length === 0;
	const start = useMutation({ mutationFn: (asked: BackupRequest) => backend.startBackup(asked), onSuccess: onStarted });
	const named = vaultId !== undefined && name !== '' && !unnamed;
	const correct = request !== undefined && hookProblems.length === 0;
	const ready = named && correct && preview !== undefined && !busy && preview.objects > 0;

	return (
		<Pane
			title={`Back up ${cluster.name}`}
			width={520}
			onClose={onClose}
			footer={
				<>
					<Button
						appearance="primary"
						disabled={!ready || start.isPending}
						onClick={() => request && start.mutate(request)}
					>
						{preview && !unnamed && !busy ? `Back up ${plural(preview.objects, 'object')}` : 'Back up'}
					</Button>
					{busy && !unnamed && <Spinner size="tiny" label="Counting…" />}
					{unnamed && <span>Choose at least one namespace.</span>}
					{!correct && <span>Correct what is said about volumes.</span>}
					{vaults.data && vaultId === undefined && <span>Choose where to keep it first.</span>}
				</>
			}
		>
			<div className={styles.form}>
				{vaults.error && <FailureView failure={vaults.error} onRetry={() => void vaults.refetch()} />}
				{vaults.data && <VaultChoice vaults={vaults.data} chosen={vaultId} onChange={setVault} />}
				<Field label="Name">
					<Input value={name} spellCheck={false} onChange={(_, data) => setTypedName(data.value)} />
				</Field>
				<NamespaceChoice
					clusterId={cluster.id}
					names={selection.includeNamespaces}
					onChange={(includeNamespaces) => change({ includeNamespaces })}
					only={only}
					onOnly={choose}
				/>
				<VolumesChoice
					clusterId={cluster.id}
					volumes={volumes}
					onChange={(part) => setVolumes((now) => ({ ...now, ...part }))}
				/>
				<MoreOptions selection={selection} onChange={change} />
				{start.error && <FailureView failure={start.error} />}
			</div>
			{error && <ClusterFailure failure={error} onRetry={retry} />}
			{preview && !unnamed && (
				<MatchView preview={preview} snapshots={volumes.snapshots} busy={busy} onReadAgain={readAgain} />
			)}
			{named && correct && request && <SameCommand request={request} />}
		</Pane>
	);
}

function SameCommand({ request }: { request: BackupRequest }) {
	const backend = useBackend();
	const asked = useDebounced(request, 250);
	const command = useQuery({
		queryKey: ['backup-command', asked],
		queryFn: () => backend.backupCommand(asked),
		placeholderData: (before) => before,
	});
	if (!command.data) return null;
	return (
		<Section title="Equivalent command">
			<Command text={command.data} />
		</Section>
	);
}
