import { Button, Field, Input, makeStyles, Spinner } from '@fluentui/react-components';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BackupRequest, ClusterRow, Selection } from '@/backend/bindings';
import { ClusterFailure, Command, FailureView, Pane, plural, Section, useBackend, useVaults } from '@/shared';
import { useDebounced } from '@/shared/use-debounced';
import { MatchView } from './match-view';
import { MoreOptions } from './more-options';
import { NamespaceChoice } from './namespace-choice';
import { EVERYTHING } from './selection';
import { usePreview } from './use-preview';
import { VaultChoice } from './vault-choice';

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
	const choose = (some: boolean) => {
		setOnly(some);
		if (!some) change({ includeNamespaces: [] });
	};

	const usable = vaults.data?.filter((each) => !each.readOnly) ?? [];
	const vaultId = vault ?? (usable.find((each) => !each.failure) ?? usable[0])?.id;
	const name = typedName ?? suggestion.data ?? '';
	const request: BackupRequest = { clusterId: cluster.id, vaultId: vaultId ?? '', name, selection };
	const { preview, error, busy, retry, readAgain } = usePreview(cluster.id, selection);
	const unnamed = only && selection.includeNamespaces.length === 0;
	const start = useMutation({ mutationFn: () => backend.startBackup(request), onSuccess: onStarted });
	const ready =
		vaultId !== undefined && name !== '' && !unnamed && preview !== undefined && !busy && preview.objects > 0;

	return (
		<Pane
			title={`Back up ${cluster.name}`}
			width={520}
			onClose={onClose}
			footer={
				<>
					<Button appearance="primary" disabled={!ready || start.isPending} onClick={() => start.mutate()}>
						{preview && !unnamed && !busy ? `Back up ${plural(preview.objects, 'object')}` : 'Back up'}
					</Button>
					{busy && !unnamed && <Spinner size="tiny" label="Counting…" />}
					{unnamed && <span>Choose at least one namespace.</span>}
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
				<MoreOptions selection={selection} onChange={change} />
				{start.error && <FailureView failure={start.error} />}
			</div>
			{error && <ClusterFailure failure={error} onRetry={retry} />}
			{preview && !unnamed && <MatchView preview={preview} busy={busy} onReadAgain={readAgain} />}
			{vaultId !== undefined && name !== '' && !unnamed && <SameCommand request={request} />}
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
