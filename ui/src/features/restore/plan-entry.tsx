import { Button, Spinner } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Action, PlanRow, VolumeMode } from '@/backend/bindings';
import { FailureView, useBackend } from '@/shared';
import { YamlDiff, YamlView } from '@/shared/code';
import type { Draft } from './draft';
import { EntryPane } from './entry-pane';
import { FieldChanges } from './field-changes';

const MEANING: Record<Action, string> = {
	create: 'It is not in the cluster and will be created.',
	patch: 'It is in the cluster, differs, and will be changed.',
	recreate: 'It is in the cluster and differs. It will be deleted there and created again.',
	delete: 'It will be deleted.',
	skip: 'It will be left as it is.',
	identical: 'It already says what the recovery point says; nothing will be written.',
	blocked: 'It cannot be restored as things are.',
	derived: 'Something else makes it again; nothing will be written.',
	unchecked: 'Whether it is in the cluster could not be found out.',
};

/** Actions whose meaning is said even where there is a reason. */
const EXPLAINED: Action[] = ['blocked', 'recreate', 'delete', 'derived', 'unchecked'];

const HOLDS_DATA = ['PersistentVolumeClaim', 'PersistentVolume', 'StatefulSet'];

interface PlanEntryProps {
	planId: string;
	row: PlanRow;
	volumeMode: VolumeMode;
	/** Changes the rules of the restore. */
	onChange: (change: Partial<Draft>) => void;
	onClose: () => void;
}

/** What would happen to one object, why, and its text: differences where there are any. */
export function PlanEntry({ planId, row, volumeMode, onChange, onClose }: PlanEntryProps) {
	const backend = useBackend();
	const diff = useQuery({
		queryKey: ['plan', planId, 'diff', row.entry],
		queryFn: () => backend.planDiff(planId, row.entry),
		staleTime: Number.POSITIVE_INFINITY,
		placeholderData: keepPreviousData,
	});
	const shown = diff.data?.row.entry === row.entry ? diff.data : undefined;
	const changes = shown?.changes ?? [];
	const after = ['patch', 'create', 'recreate'].includes(row.action) ? 'After' : 'In the recovery point';
	const words = (
		<>
			<div>
				{(row.reason === '' || EXPLAINED.includes(row.action)) && <div>{MEANING[row.action]}</div>}
				{row.reason && <div>Why: {row.reason}</div>}
			</div>
			{changes.length > 0 && <FieldChanges changes={changes} pruned={row.pruned} />}
			{row.action === 'skip' && row.changes > 0 && row.kind !== 'PersistentVolumeClaim' && (
				<div>
					<Button size="small" onClick={() => onChange({ conflictPolicy: 'patch' })}>
						Patch what exists instead
					</Button>
				</div>
			)}
			{row.action === 'blocked' && volumeMode === 'withData' && HOLDS_DATA.includes(row.kind) && (
				<div>
					<Button size="small" onClick={() => onChange({ volumeMode: 'withoutData' })}>
						Make claims again, empty
					</Button>
				</div>
			)}
			{diff.error && <FailureView failure={diff.error} onRetry={() => diff.refetch()} />}
		</>
	);
	return (
		<EntryPane row={row} onClose={onClose} words={words}>
			{!shown ? (
				!diff.error && <Spinner size="tiny" label="Reading" />
			) : shown.live !== undefined && changes.length > 0 ? (
				<YamlDiff live={shown.live} after={shown.after} labels={['Live now', after]} />
			) : (
				<YamlView text={shown.after} label={`${row.kind} ${row.targetName}`} />
			)}
		</EntryPane>
	);
}
