import { Button, makeStyles } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import { Screen, useHotkey } from '@/shared';
import { type Draft, missing, requestOf, sameRequest } from './draft';
import { isTouched, type Restore } from './kept-restore';
import { OpenSaved } from './open-saved';
import { PlanHead } from './plan-head';
import { PlanNotes } from './plan-notes';
import { PlanView } from './plan-view';
import { useJob } from './report-table';
import { RestoreFooter } from './restore-footer';
import { RestoreLead } from './restore-lead';
import { RestoreSteps, useClusterName } from './restore-steps';
import { RunView } from './run-view';
import { SavePlan } from './save-plan';
import { usePlan } from './use-plan';
import { useAddressedRestore, useBegin, useUpdate } from './use-restore';

const useStyles = makeStyles({
	body: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0, overflowY: 'auto' },
	plan: { display: 'flex', flexDirection: 'column', flexGrow: 1, flexShrink: 0, minHeight: 0, paddingTop: '8px' },
});

/** A restore from request to report: nothing is written before its plan was seen. */
export function RestoreScreen() {
	const restore = useAddressedRestore();
	return restore && <Restoring key={restore.id} restore={restore} />;
}

function Restoring({ restore }: { restore: Restore }) {
	const styles = useStyles();
	const { draft, planned, job, planning, trying } = restore;
	const update = useUpdate(restore.id);
	const begin = useBegin();
	const { progress, plan, edit, retry, open, tryOut, start, cancel } = usePlan(restore);
	const cluster = useClusterName(draft);
	const request = requestOf(draft);
	const current = planned && request && sameRequest(planned.request, request) ? planned : undefined;
	const busy = planning !== undefined || trying !== undefined;

	const run = useJob(job?.vaultId ?? '', job?.jobId ?? '', job !== undefined);
	const running = job !== undefined && run.data?.row.state === 'running';
	const change = (part: Partial<Draft>) => update((now) => ({ draft: { ...now.draft, ...part } }));
	const runPlan = () => {
		if (!request || busy || running) return;
		if (current?.retry && !job) void retry(current.retry);
		else void plan(request);
	};
	const accept = () => {
		if (planned?.saved) void open({ ...planned.saved, acceptDrift: true });
	};
	useHotkey('ctrl+enter', 'Plan the restore', runPlan);
	return (
		<Screen
			title={draft.point ? `Restore ${draft.point.point}` : 'Restore'}
			crumbs={[{ text: 'Recovery points', to: '/points' }, { text: 'Restore' }]}
			lead={<RestoreLead counts={planning ? undefined : current?.summary.counts} job={job && run.data} />}
			actions={
				<>
					{!job && !busy && (
						<OpenSaved
							vaultId={draft.point?.vaultId}
							clusterId={draft.clusterId}
							onOpen={(saved) => void open(saved)}
						/>
					)}
					{isTouched(restore) && (
						<Button
							title={running ? 'The restore that is running goes on; it is in Jobs' : 'Forgets the inputs and the plan'}
							onClick={() => begin(restore.search)}
						>
							Start over
						</Button>
					)}
				</>
			}
		>
			<div className={styles.body}>
				<RestoreSteps restore={restore} onChange={change} />
				<section
					className={styles.plan}
					style={{ flexBasis: planned ? 320 : 'auto' }}
					aria-label={job ? 'Report' : 'Plan'}
				>
					<PlanHead
						restoring={job !== undefined}
						summary={current?.summary}
						onPlan={(current || job) && !busy && !running ? runPlan : undefined}
					>
						{job && !running && (
							<Link to="/jobs/$vault/$job" params={{ vault: job.vaultId, job: job.jobId }}>
								<Button size="small" tabIndex={-1} title="There it can be retried or undone">
									Open the job
								</Button>
							</Link>
						)}
						{current && !job && !busy && <SavePlan key={current.summary.id} planned={current} />}
					</PlanHead>
					<PlanNotes
						restore={restore}
						outdated={planned !== undefined && !current}
						progress={progress}
						onCancel={cancel}
						onPlan={runPlan}
						onAccept={accept}
					/>
					{job ? (
						<RunView {...job} />
					) : (
						planned && <PlanView planned={planned} draft={draft} busy={busy} onChange={change} onEdit={edit} />
					)}
				</section>
			</div>
			{!job && (
				<RestoreFooter
					summary={planning ? undefined : current?.summary}
					cluster={cluster}
					plan={planning ? undefined : planned ? 'Plan again' : 'Plan the restore'}
					blocked={missing(draft)}
					starting={restore.starting}
					onPlan={runPlan}
					onTry={current && !busy ? () => void tryOut(current) : undefined}
					onStart={current && !busy ? () => void start(current) : undefined}
				/>
			)}
		</Screen>
	);
}
