import { Button, MessageBar, MessageBarBody, makeStyles } from '@fluentui/react-components';
import { ClusterFailure, FailureView, RelativeTime, Screen, useClusters, useHotkey } from '@/shared';
import { ProgressLine } from '@/shared/progress-line';
import { type Draft, missing, requestOf, sameRequest } from './draft';
import { isTouched, type Part, type Restore } from './kept-restore';
import { PlanView } from './plan-view';
import { useJob } from './report-table';
import { RestoreFooter } from './restore-footer';
import { RestoreLead } from './restore-lead';
import { RunView } from './run-view';
import { Step, Steps } from './step';
import { StepRules } from './step-rules';
import { StepWhat } from './step-what';
import { StepWhere } from './step-where';
import { rulesWords, whatWords, whereWords } from './summaries';
import { usePlan } from './use-plan';
import { useAddressedRestore, useBegin, useUpdate } from './use-restore';

const useStyles = makeStyles({
	body: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0, overflowY: 'auto' },
	plan: { display: 'flex', flexDirection: 'column', flexGrow: 1, flexShrink: 0, minHeight: 0, paddingTop: '8px' },
	head: { display: 'flex', alignItems: 'center', gap: '12px', padding: '0 24px 8px' },
	title: { margin: 0, fontSize: '14px', lineHeight: '24px', fontWeight: 600 },
	notes: { padding: '0 24px 8px', display: 'grid', gap: '8px', ':empty': { display: 'none' } },
});

/** A restore from request to report: nothing is written before its plan was seen. */
export function RestoreScreen() {
	const restore = useAddressedRestore();
	return restore && <Restoring key={restore.id} restore={restore} />;
}

function Restoring({ restore }: { restore: Restore }) {
	const styles = useStyles();
	const { draft, open, planned, planFailure, startFailure, job } = restore;
	const update = useUpdate(restore.id);
	const begin = useBegin();
	const { progress, plan, start, cancel } = usePlan(restore);
	const clusters = useClusters();
	const cluster = clusters.data?.find(({ id }) => id === draft.clusterId)?.name ?? draft.clusterId ?? '';
	const request = requestOf(draft);
	const current = planned && request && sameRequest(planned.request, request) ? planned : undefined;
	const outdated = planned !== undefined && !current;
	const planning = restore.planning !== undefined;

	const run = useJob(job?.vaultId ?? '', job?.jobId ?? '', job !== undefined);
	const running = job !== undefined && run.data?.row.state === 'running';
	const change = (part: Partial<Draft>) => update((now) => ({ draft: { ...now.draft, ...part } }));
	const toggle = (part: Part) => {
		const next = new Set(open);
		if (!next.delete(part)) next.add(part);
		update({ open: next });
	};
	const runPlan = () => {
		if (request && !planning && !running) void plan(request);
	};
	useHotkey('ctrl+enter', 'Plan the restore', runPlan);

	const folded = open.size === 0;
	const step = (part: Part) => ({
		open: open.has(part),
		onToggle: () => toggle(part),
		locked: job !== undefined,
		inRow: folded,
	});
	return (
		<Screen
			title={draft.point ? `Restore ${draft.point.point}` : 'Restore'}
			crumbs={[{ text: 'Recovery points', to: '/points' }, { text: 'Restore' }]}
			lead={<RestoreLead counts={planning ? undefined : current?.summary.counts} job={job && run.data} />}
			actions={
				isTouched(restore) && (
					<Button
						title={running ? 'The restore that is running goes on; it is in Jobs' : 'Forgets the inputs and the plan'}
						onClick={() => begin(restore.search)}
					>
						Start over
					</Button>
				)
			}
		>
			<div className={styles.body}>
				<Steps inRow={folded}>
					<Step number={1} title="What" summary={whatWords(draft)} {...step('what')}>
						<StepWhat draft={draft} onChange={change} />
					</Step>
					<Step number={2} title="Where" summary={whereWords(draft, cluster)} {...step('where')}>
						<StepWhere draft={draft} onChange={change} />
					</Step>
					<Step number={3} title="Rules" summary={rulesWords(draft)} {...step('rules')}>
						<StepRules draft={draft} onChange={change} />
					</Step>
				</Steps>
				<section
					className={styles.plan}
					style={{ flexBasis: planned ? 320 : 'auto' }}
					aria-label={job ? 'Report' : 'Plan'}
				>
					<PlanHead
						restoring={job !== undefined}
						made={current?.summary.asOf}
						onPlan={(current || job) && !planning && !running ? runPlan : undefined}
					/>
					<div className={styles.notes}>
						{planning && <ProgressLine label="Planning" progress={progress} onCancel={cancel} />}
						{planFailure && <ClusterFailure failure={planFailure} onRetry={runPlan} />}
						{startFailure && (
							<FailureView
								failure={startFailure}
								onRetry={startFailure.code === 'planOutdated' ? runPlan : undefined}
							/>
						)}
						{outdated && !planning && !job && (
							<MessageBar intent="warning">
								<MessageBarBody>
									The inputs have changed since this plan was made. Plan again to restore.
								</MessageBarBody>
							</MessageBar>
						)}
					</div>
					{job ? <RunView {...job} /> : planned && <PlanView planned={planned} onChange={change} />}
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
					onStart={() => current && void start(current)}
				/>
			)}
		</Screen>
	);
}

interface PlanHeadProps {
	/** Whether it is carried out, or was. */
	restoring: boolean;
	/** When the plan that holds was made. */
	made: string | undefined;
	/** Plans anew; the first plan is made from the footer. */
	onPlan: (() => void) | undefined;
}

function PlanHead({ restoring, made, onPlan }: PlanHeadProps) {
	const styles = useStyles();
	return (
		<div className={styles.head}>
			<h2 className={styles.title}>4 {restoring ? 'Restore' : 'Plan'}</h2>
			{made && !restoring && (
				<span style={{ color: 'var(--colorNeutralForeground2)' }}>
					made <RelativeTime time={made} />
				</span>
			)}
			<span style={{ flexGrow: 1 }} />
			{onPlan && (
				<Button size="small" onClick={onPlan}>
					Plan again
				</Button>
			)}
		</div>
	);
}
