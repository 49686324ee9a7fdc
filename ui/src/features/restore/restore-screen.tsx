import { Button, MessageBar, MessageBarBody, makeStyles } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import {
	asFailure,
	ClusterFailure,
	FailureView,
	RelativeTime,
	Screen,
	useBackend,
	useClusters,
	useHotkey,
} from '@/shared';
import { ProgressLine } from '@/shared/progress-line';
import { type Draft, draftOf, missing, type RestoreSearch, requestOf, sameRequest } from './draft';
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

const useStyles = makeStyles({
	body: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0, overflowY: 'auto' },
	plan: { display: 'flex', flexDirection: 'column', flexGrow: 1, flexShrink: 0, minHeight: 0, paddingTop: '8px' },
	tall: { flexBasis: '320px' },
	head: { display: 'flex', alignItems: 'center', gap: '12px', padding: '0 24px 8px' },
	title: { margin: 0, fontSize: '14px', lineHeight: '24px', fontWeight: 600 },
	notes: { padding: '0 24px 8px', display: 'grid', gap: '8px', ':empty': { display: 'none' } },
});

type Part = 'what' | 'where' | 'rules';

/** A restore from request to report: nothing is written before its plan was seen. */
export function RestoreScreen() {
	const styles = useStyles();
	const backend = useBackend();
	const search = useSearch({ strict: false }) as RestoreSearch;
	const [draft, setDraft] = useState<Draft>(() => draftOf(search));
	const [open, setOpen] = useState<ReadonlySet<Part>>(new Set<Part>(['what', 'where', 'rules']));
	const [job, setJob] = useState<{ vaultId: string; jobId: string }>();
	const plan = usePlan();
	const clusters = useClusters();
	const start = useMutation({
		mutationFn: async (planId: string) => backend.startRestore(planId),
		onSuccess: (jobId) => plan.planned && setJob({ vaultId: plan.planned.request.point.vaultId, jobId }),
	});
	const cluster = clusters.data?.find(({ id }) => id === draft.clusterId)?.name ?? draft.clusterId ?? '';
	const request = requestOf(draft);
	const current = plan.planned && request && sameRequest(plan.planned.request, request) ? plan.planned : undefined;
	const outdated = plan.planned !== undefined && !current;

	const run = useJob(job?.vaultId ?? '', job?.jobId ?? '', job !== undefined);
	const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
	const toggle = (part: Part) => {
		const next = new Set(open);
		if (!next.delete(part)) next.add(part);
		setOpen(next);
	};
	const runPlan = () => {
		if (!request || plan.planning) return;
		setJob(undefined);
		start.reset();
		setOpen(new Set());
		plan.start(request);
	};
	useHotkey('ctrl+enter', 'Plan the restore', runPlan);

	const folded = open.size === 0;
	const step = (part: Part) => ({
		open: open.has(part),
		onToggle: () => toggle(part),
		locked: job !== undefined,
		inRow: folded,
	});
	const hint = plan.planning
		? 'Planning writes nothing.'
		: (missing(draft) ?? (outdated ? 'Plan again first.' : 'Plan first.'));
	return (
		<Screen
			title={draft.point ? `Restore ${draft.point.point}` : 'Restore'}
			crumbs={[{ text: 'Recovery points', to: '/points' }, { text: 'Restore' }]}
			lead={<RestoreLead counts={plan.planning ? undefined : current?.summary.counts} job={job && run.data} />}
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
					style={{ flexBasis: plan.planned ? 320 : 'auto' }}
					aria-label={job ? 'Report' : 'Plan'}
				>
					<PlanHead
						restoring={job !== undefined}
						busy={plan.planning || run.data?.row.state === 'running'}
						made={current?.summary.asOf}
						blocked={missing(draft)}
						first={plan.planned === undefined}
						primary={!current && !job}
						onPlan={runPlan}
					/>
					<div className={styles.notes}>
						{plan.planning && <ProgressLine label="Planning" progress={plan.progress} onCancel={plan.cancel} />}
						{plan.failure && !plan.planning && <ClusterFailure failure={plan.failure} onRetry={runPlan} />}
						{start.error && (
							<FailureView
								failure={start.error}
								onRetry={asFailure(start.error).code === 'planOutdated' ? runPlan : undefined}
							/>
						)}
						{outdated && !plan.planning && !job && (
							<MessageBar intent="warning">
								<MessageBarBody>
									The inputs have changed since this plan was made. Plan again to restore.
								</MessageBarBody>
							</MessageBar>
						)}
					</div>
					{job ? (
						<RunView {...job} />
					) : (
						plan.planned && (
							<div style={{ display: 'contents' }}>
								<PlanView planned={plan.planned} onChange={change} />
							</div>
						)
					)}
				</section>
			</div>
			{!job && (
				<RestoreFooter
					summary={plan.planning ? undefined : current?.summary}
					cluster={cluster}
					hint={hint}
					starting={start.isPending}
					onStart={() => current && start.mutate(current.summary.id)}
				/>
			)}
		</Screen>
	);
}

interface PlanHeadProps {
	/** Whether it is carried out, or was. */
	restoring: boolean;
	busy: boolean;
	/** When the plan that holds was made. */
	made: string | undefined;
	/** What is to be filled in first. */
	blocked: string | undefined;
	first: boolean;
	primary: boolean;
	onPlan: () => void;
}

function PlanHead({ restoring, busy, made, blocked, first, primary, onPlan }: PlanHeadProps) {
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
			<Button
				size="small"
				appearance={primary ? 'primary' : 'secondary'}
				disabled={busy || blocked !== undefined}
				title={blocked}
				onClick={onPlan}
			>
				{first ? 'Plan the restore' : 'Plan again'}
			</Button>
		</div>
	);
}
