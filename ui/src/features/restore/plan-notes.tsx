import { Button, MessageBar, MessageBarActions, MessageBarBody, makeStyles } from '@fluentui/react-components';
import type { Progress } from '@/backend/bindings';
import { ClusterFailure, FailureView } from '@/shared';
import { ProgressLine } from '@/shared/progress-line';
import type { Restore } from './kept-restore';

const useStyles = makeStyles({
	root: { padding: '0 24px 8px', display: 'grid', gap: '8px', ':empty': { display: 'none' } },
});

interface PlanNotesProps {
	restore: Restore;
	/** Whether the plan is not for what is filled in now. */
	outdated: boolean;
	progress: Progress | undefined;
	onCancel: () => void;
	onPlan: () => void;
	/** Opens the saved plan again and takes what changed since as it is. */
	onAccept: () => void;
}

/** How far planning or trying is, and what is wrong with the plan. */
export function PlanNotes({ restore, outdated, progress, onCancel, onPlan, onAccept }: PlanNotesProps) {
	const styles = useStyles();
	const { planning, trying, planned, planFailure, again, startFailure, job } = restore;
	const busy = planning !== undefined || trying !== undefined;
	const { saved, summary } = planned ?? {};
	const drift = !busy && !job && !outdated && saved && !saved.acceptDrift && summary && summary.counts.blocked > 0;
	return (
		<div className={styles.root}>
			{planning && <ProgressLine label="Planning" progress={progress} onCancel={onCancel} />}
			{trying && <ProgressLine label="Trying with the server" progress={progress} onCancel={onCancel} />}
			{planFailure && <ClusterFailure failure={planFailure} onRetry={again ?? onPlan} />}
			{startFailure && (
				<FailureView failure={startFailure} onRetry={startFailure.code === 'planOutdated' ? onPlan : undefined} />
			)}
			{outdated && !busy && !job && (
				<MessageBar intent="warning">
					<MessageBarBody>The inputs have changed since this plan was made. Plan again to restore.</MessageBarBody>
				</MessageBar>
			)}
			{drift && (
				<MessageBar intent="warning">
					<MessageBarBody>
						This plan was opened from a file. What changed in the cluster since it was saved is Blocked, with the
						reason.
					</MessageBarBody>
					<MessageBarActions>
						<Button size="small" onClick={onAccept}>
							Accept what changed
						</Button>
					</MessageBarActions>
				</MessageBar>
			)}
			{saved?.acceptDrift && !outdated && !job && (
				<span role="status">What changed since this plan was saved is planned as it is now.</span>
			)}
		</div>
	);
}
