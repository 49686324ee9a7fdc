import { Button, Spinner } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { Action, PlanRow, VolumeMode } from '@/backend/bindings';
import { FailureView, useBackend } from '@/shared';
import { YamlDiff, YamlView } from '@/shared/code';
import type { Draft } from './draft';
import { EditActions } from './edit-actions';
import type { Editing } from './editing';
import { EntryPane } from './entry-pane';
import { FieldChanges } from './field-changes';
import { ModifierNotes } from './modifier-notes';

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

/** Whether two rows, of whatever plans, are about the same object. */
const isSame = (a: PlanRow, b: PlanRow): boolean =>
	[a.entry, a.group, a.kind, a.namespace, a.name].join('/') ===
	[b.entry, b.group, b.kind, b.namespace, b.name].join('/');

interface PlanEntryProps {
	planId: string;
	row: PlanRow;
	volumeMode: VolumeMode;
	/** What can be decided about this object alone. */
	editing: Editing | undefined;
	/** Changes the rules of the restore; undefined where they cannot change. */
	onChange: ((change: Partial<Draft>) => void) | undefined;
	onClose: () => void;
}

/** What would happen to one object, why, and its text: differences where there are any. */
export function PlanEntry({ planId, row: chosen, volumeMode, editing, onChange, onClose }: PlanEntryProps) {
	const backend = useBackend();
	const diff = useQuery({
		queryKey: ['plan', planId, 'diff', chosen.entry],
		queryFn: () => backend.planDiff(planId, chosen.entry),
		staleTime: Number.POSITIVE_INFINITY,
		placeholderData: keepPreviousData,
	});
	const shown = diff.data && isSame(diff.data.row, chosen) ? diff.data : undefined;
	// A plan that was edited may say something else of the object than the one it was chosen in.
	const row = shown?.row ?? chosen;
	const changes = shown?.changes ?? [];
	const after = ['patch', 'create', 'recreate'].includes(row.action) ? 'After' : 'In the recovery point';
	const words = (
		<>
			<div>
				{row.earlier && <div>An earlier run did this already; it is not written again.</div>}
				{!row.earlier && (row.reason === '' || EXPLAINED.includes(row.action)) && <div>{MEANING[row.action]}</div>}
				{row.reason && <div>Why: {row.reason}</div>}
			</div>
			{changes.length > 0 && <FieldChanges changes={changes} pruned={row.pruned} />}
			{onChange && row.action === 'skip' && row.changes > 0 && row.kind !== 'PersistentVolumeClaim' && (
				<div>
					<Button size="small" onClick={() => onChange({ conflictPolicy: 'patch' })}>
						Patch what exists instead
					</Button>
				</div>
			)}
			{onChange && row.action === 'blocked' && volumeMode === 'withData' && HOLDS_DATA.includes(row.kind) && (
				<div>
					<Button size="small" onClick={() => onChange({ volumeMode: 'withoutData' })}>
						Make claims again, empty
					</Button>
				</div>
			)}
			{row.modifiers.length > 0 && <ModifierNotes notes={row.modifiers} />}
			{editing && (
				<div style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
					<EditActions rows={[row]} editing={editing} />
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
