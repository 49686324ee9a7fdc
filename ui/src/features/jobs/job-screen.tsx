import { Button, Spinner, Tab, TabList } from '@fluentui/react-components';
import { useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import type { JobDetails } from '@/backend/bindings';
import { FailureView, Screen, StatusDot } from '@/shared';
import { JobLog } from './job-log';
import { JobSummary } from './job-summary';
import { jobTitle } from './job-words';
import { useCancelJob } from './use-cancel-job';
import { useJob } from './use-job';

const ReportTable = lazy(async () => ({ default: (await import('@/features/restore')).ReportTable }));

type Part = 'summary' | 'report' | 'log';

/** One job with its log and, for a restore, what happened to each object. */
export function JobScreen() {
	const { vault, job: id } = useParams({ from: '/jobs/$vault/$job' });
	const job = useJob(vault, id);
	const cancel = useCancelJob();
	const [chosen, setChosen] = useState<Part>();
	const title = job.data ? jobTitle(job.data.row) : 'Job';
	const part = chosen ?? (job.data?.hasReport ? 'report' : 'summary');
	const row = job.data?.row;
	return (
		<Screen
			title={title}
			crumbs={[{ text: 'Jobs', to: '/jobs' }, { text: title }]}
			lead={row && <StatusDot status={row.state} />}
			actions={row?.state === 'running' && <Button onClick={() => cancel.ask(row)}>Cancel {row.kind}…</Button>}
		>
			{cancel.dialog}
			{job.error && (
				<div style={{ padding: '0 24px' }}>
					<FailureView failure={job.error} onRetry={() => void job.refetch()} />
				</div>
			)}
			{job.data && (
				<>
					<TabList
						size="small"
						style={{ padding: '0 16px', marginBottom: 8, flexShrink: 0 }}
						selectedValue={part}
						onTabSelect={(_, data) => setChosen(data.value as Part)}
					>
						{job.data.hasReport && <Tab value="report">Objects</Tab>}
						<Tab value="summary">Summary</Tab>
						<Tab value="log">Log</Tab>
					</TabList>
					<PartOf part={part} job={job.data} />
				</>
			)}
		</Screen>
	);
}

function PartOf({ part, job }: { part: Part; job: JobDetails }) {
	if (part === 'log') return <JobLog job={job.row} />;
	if (part === 'report') {
		return (
			<Suspense fallback={<Spinner size="small" aria-label="Loading the report" />}>
				<ReportTable vaultId={job.row.vaultId} jobId={job.row.id} />
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
