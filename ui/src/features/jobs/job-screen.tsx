import { Button, Spinner, Tab, TabList } from '@fluentui/react-components';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import type { JobDetails, JobRow } from '@/backend/bindings';
import { FailureView, plural, RelativeTime, Screen, StatusDot, useNow } from '@/shared';
import { progressWords } from '@/shared/progress-line';
import { useFollowUp } from './follow-up';
import { trouble } from './job-columns';
import { JobHooks } from './job-hooks';
import { JobLog } from './job-log';
import { JobSummary } from './job-summary';
import { JobVolumes } from './job-volumes';
import { jobDuration, jobTitle, kindWord } from './job-words';
import { useCancelJob } from './use-cancel-job';
import { useJob } from './use-job';

const UndoView = lazy(async () => ({ default: (await import('@/features/restore')).UndoView }));
const ReportTable = lazy(async () => ({ default: (await import('@/features/restore')).ReportTable }));

const PARTS = ['report', 'summary', 'volumes', 'hooks', 'log', 'undo'] as const;
type Part = (typeof PARTS)[number];

/** One job with its log and, for a restore, what happened to each object. */
export function JobScreen() {
	const { vault, job: id } = useParams({ from: '/jobs/$vault/$job' });
	const { tab, filter } = useSearch({ from: '/jobs/$vault/$job' });
	const navigate = useNavigate();
	const job = useJob(vault, id);
	const cancel = useCancelJob();
	const title = job.data ? jobTitle(job.data.row) : 'Job';
	const hasReport = job.data?.hasReport ?? false;
	const asked = PARTS.find((part) => part === tab && (hasReport || part !== 'report'));
	const part = asked ?? (hasReport ? 'report' : 'summary');
	const show = (to: Part) =>
		void navigate({
			to: '/jobs/$vault/$job',
			params: { vault, job: id },
			search: { tab: to },
			// Undoing is a place of its own, which one comes back from.
			replace: to !== 'undo',
		});
	const row = job.data?.row;
	const undoing = part === 'undo' && row?.kind === 'restore' && row.state !== 'running';
	const followUp = useFollowUp(row, () => show('undo'));
	return (
		<Screen
			title={title}
			crumbs={[{ text: 'Jobs', to: '/jobs' }, { text: title }]}
			lead={row && <Lead row={row} />}
			actions={
				row?.state === 'running' ? (
					<Button onClick={() => cancel.ask(row)}>Cancel {kindWord(row.kind)}…</Button>
				) : (
					!undoing && followUp.actions
				)
			}
		>
			{cancel.dialog}
			{followUp.notes}
			{job.error && (
				<div style={{ padding: '0 24px' }}>
					<FailureView failure={job.error} onRetry={() => void job.refetch()} />
				</div>
			)}
			{undoing && (
				<Suspense fallback={<Spinner size="small" aria-label="Loading" />}>
					<UndoView
						vaultId={vault}
						jobId={id}
						onClose={() => show(hasReport ? 'report' : 'summary')}
						onStarted={(started) =>
							void navigate({ to: '/jobs/$vault/$job', params: { vault, job: started }, search: {} })
						}
					/>
				</Suspense>
			)}
			{job.data && !undoing && (
				<>
					<TabList
						size="small"
						style={{ padding: '0 16px', marginBottom: 8, flexShrink: 0 }}
						selectedValue={part}
						onTabSelect={(_, data) => show(data.value as Part)}
					>
						{hasReport && <Tab value="report">Objects</Tab>}
						<Tab value="summary">Summary</Tab>
						{row?.kind === 'backup' && <Tab value="volumes">Volumes</Tab>}
						{hasHooks(job.data) && <Tab value="hooks">Hooks</Tab>}
						<Tab value="log">Log</Tab>
					</TabList>
					<PartOf part={part} job={job.data} filter={filter} onLog={() => show('log')} />
				</>
			)}
		</Screen>
	);
}

/** A backup tells its hooks with its volumes. */
const hasHooks = ({ row, hooks }: JobDetails) => row.kind === 'restore' && hooks > 0;

function Lead({ row }: { row: JobRow }) {
	const now = useNow();
	const done = row.progress ? progressWords(row.progress) : row.objects > 0 && plural(row.objects, 'object');
	return (
		<span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: '4px 12px' }}>
			<StatusDot status={row.state} />
			{done && <span>{done}</span>}
			{trouble(row) && <span>{trouble(row)}</span>}
			<span>{jobDuration(row, now)}</span>
			<RelativeTime time={row.started} />
		</span>
	);
}

interface PartOfProps {
	part: Part;
	job: JobDetails;
	filter: string | undefined;
	onLog: () => void;
}

function PartOf({ part, job, filter, onLog }: PartOfProps) {
	if (part === 'volumes' && job.row.kind === 'backup') return <JobVolumes row={job.row} onLog={onLog} />;
	if (part === 'hooks' && hasHooks(job)) return <JobHooks row={job.row} />;
	if (part === 'log') return <JobLog job={job.row} />;
	if (part === 'report') {
		return (
			<Suspense fallback={<Spinner size="small" aria-label="Loading the report" />}>
				<ReportTable key={filter} vaultId={job.row.vaultId} jobId={job.row.id} warning={filter} />
			</Suspense>
		);
	}
	return (
		<div style={{ padding: '8px 24px 24px', overflowY: 'auto' }}>
			<div style={{ maxWidth: 760 }}>
				<JobSummary job={job} />
			</div>
		</div>
	);
}
