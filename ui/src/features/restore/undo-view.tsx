import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Action, ActionCounts, PlanRow, UndoSummary } from '@/backend/bindings';
import {
	ClusterFailure,
	EmptyState,
	FailureView,
	newRequestId,
	plural,
	useBackend,
	useRequestProgress,
	WarningList,
} from '@/shared';
import { ConfirmByName } from '@/shared/confirm-by-name';
import { DangerButton } from '@/shared/danger-button';
import { ProgressLine } from '@/shared/progress-line';
import { Entries } from './entries';
import { EntryPane } from './entry-pane';

const ACTIONS: Action[] = ['delete', 'recreate', 'patch', 'create', 'skip', 'blocked', 'identical'];

const useStyles = makeStyles({
	notes: { display: 'grid', gap: '8px', padding: '0 24px 8px' },
	foot: {
		display: 'flex',
		flexShrink: 0,
		flexWrap: 'wrap',
		alignItems: 'center',
		gap: '8px 16px',
		padding: '8px 24px',
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
	},
	hint: { color: tokens.colorNeutralForeground2 },
});

/** `Delete 84 objects and put back 9`; undefined where there is nothing to do. */
export function undoWords({ delete: gone, recreate, patch, create }: ActionCounts): string | undefined {
	const back = recreate + patch + create;
	if (gone === 0) return back === 0 ? undefined : `Put back ${plural(back, 'object')}`;
	return `Delete ${plural(gone, 'object')}${back > 0 ? ` and put back ${back}` : ''}`;
}

interface UndoViewProps {
	vaultId: string;
	jobId: string;
	/** Leaves everything as it is. */
	onClose: () => void;
	onStarted: (jobId: string) => void;
}

/** What undoing a restore would do, object by object, before anything is written. */
export function UndoView({ vaultId, jobId, onClose, onStarted }: UndoViewProps) {
	const styles = useStyles();
	const backend = useBackend();
	const [requestId, setRequestId] = useState<string>();
	const progress = useRequestProgress(requestId);
	const undo = useQuery({
		queryKey: ['undo', vaultId, jobId],
		queryFn: ({ signal }) => {
			const request = newRequestId();
			signal.addEventListener('abort', () => void backend.cancelRequest(request));
			setRequestId(request);
			return backend.planUndo(vaultId, jobId, request);
		},
		// The engine keeps few of these plans, and the cluster changes.
		staleTime: Number.POSITIVE_INFINITY,
		gcTime: 0,
	});
	const again = () => void undo.refetch();
	if (undo.error && !undo.isFetching) {
		return (
			<div className={styles.notes}>
				<ClusterFailure failure={undo.error} onRetry={again} />
				<div>
					<Button onClick={onClose}>Back to the job</Button>
				</div>
			</div>
		);
	}
	if (!undo.data) {
		return (
			<div className={styles.notes}>
				<ProgressLine label="Looking at what undoing would do" progress={progress} onCancel={onClose} />
			</div>
		);
	}
	return <UndoPlan key={undo.data.id} undo={undo.data} onClose={onClose} onStarted={onStarted} onAgain={again} />;
}

interface UndoPlanProps {
	undo: UndoSummary;
	onClose: () => void;
	onStarted: (jobId: string) => void;
	onAgain: () => void;
}

function UndoPlan({ undo, onClose, onStarted, onAgain }: UndoPlanProps) {
	const styles = useStyles();
	const backend = useBackend();
	const [asking, setAsking] = useState(false);
	const start = useMutation({
		mutationFn: () => backend.startUndo(undo.id),
		onSuccess: onStarted,
		onError: () => setAsking(false),
	});
	const { id, counts, warnings, cluster } = undo;
	const words = undoWords(counts);
	const shown = ACTIONS.filter((action) => counts[action] > 0 || action === 'delete');
	return (
		<>
			<div className={styles.notes}>
				<span role="status">
					{words ? `Undoing would do this in ${cluster}: ${words}.` : 'There is nothing left to undo.'} Nothing is
					written yet.
				</span>
				{undo.jobs.length > 1 && <span>It takes back {plural(undo.jobs.length, 'job')} that belong together.</span>}
				{warnings.length > 0 && <WarningList warnings={warnings} />}
				{start.error && <FailureView failure={start.error} onRetry={onAgain} />}
			</div>
			<Entries
				key={id}
				label="Objects to undo"
				queryKey={['undo-items', id]}
				fetch={(query) => backend.undoItems(id, query)}
				counted={{ by: 'action', counts: shown.map((action) => [action, counts[action]]) }}
				nothing={<EmptyState title="Nothing to undo">This restore wrote nothing that is still there.</EmptyState>}
				pane={(row, close) => <EntryPane row={row} onClose={close} words={<Words row={row} />} />}
			/>
			<footer className={styles.foot}>
				<DangerButton disabled={!words || start.isPending} onClick={() => setAsking(true)}>
					{words ? `${words}…` : 'Nothing to undo'}
				</DangerButton>
				<Button onClick={onClose}>Keep what was restored</Button>
				{start.isPending && <Spinner size="tiny" label="Starting" />}
				<span className={styles.hint}>You are asked once more before anything is deleted.</span>
			</footer>
			{asking && words && (
				<ConfirmByName
					title="Undo this restore?"
					name={cluster}
					action={words}
					danger
					onClose={() => setAsking(false)}
					onConfirm={() => start.mutate()}
				>
					{counts.delete > 0 && (
						<div>
							{plural(counts.delete, 'object')} that the restore created {counts.delete === 1 ? 'is' : 'are'} deleted in{' '}
							{cluster}, with what was written to {counts.delete === 1 ? 'it' : 'them'} since.
						</div>
					)}
					{counts.recreate + counts.patch + counts.create > 0 && (
						<div>
							{plural(counts.recreate + counts.patch + counts.create, 'object')} get what they had before the restore.
						</div>
					)}
				</ConfirmByName>
			)}
		</>
	);
}

function Words({ row }: { row: PlanRow }) {
	return (
		<>
			<div>{row.reason || 'It gets what it had before the restore.'}</div>
			{row.summary && <div>Changes: {row.summary}</div>}
		</>
	);
}
