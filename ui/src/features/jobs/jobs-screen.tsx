import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { JobRow, JobState } from '@/backend/bindings';
import { EmptyState, FailureView, FilterBox, plural, Screen, useJobs } from '@/shared';
import { FilterPills } from '@/shared/filter-pills';
import { DataTable } from '@/shared/table';
import { JOB_COLUMNS, JOB_COLUMNS_NARROW } from './job-columns';
import { JobPane } from './job-pane';
import { jobTitle } from './job-words';
import { useCancelJob } from './use-cancel-job';

const STATES: JobState[] = ['running', 'failed', 'partial', 'completed', 'cancelled', 'interrupted'];
const keyOf = (job: JobRow): string => `${job.vaultId}/${job.id}`;

function lead(jobs: JobRow[]): string {
	const running = jobs.filter((job) => job.state === 'running').length;
	const day = Date.now() - 86_400_000;
	const failed = jobs.filter((job) => job.state === 'failed' && Date.parse(job.started) > day).length;
	const going = running > 0 ? `${plural(running, 'job')} running.` : 'No job is running.';
	return failed > 0 ? `${going} ${plural(failed, 'job')} failed in the last 24 hours.` : going;
}

/** All jobs of all vaults, with the chosen one beside them. */
export function JobsScreen() {
	const navigate = useNavigate();
	const search = useSearch({ from: '/jobs' });
	const list = useJobs();
	const cancel = useCancelJob();
	const [text, setText] = useState('');
	const [states, setStates] = useState<JobState[]>([]);

	const jobs = list.data?.jobs ?? [];
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	const found = jobs.filter((job) => {
		const all = `${jobTitle(job)} ${job.point} ${job.vaultName}`.toLowerCase();
		return (states.length === 0 || states.includes(job.state)) && words.every((word) => all.includes(word));
	});
	const chosen = jobs.find((job) => job.id === search.job && job.vaultId === search.vault);
	const show = (job: JobRow | undefined) =>
		void navigate({
			to: '/jobs',
			search: job ? { vault: job.vaultId, job: job.id } : {},
			replace: chosen !== undefined,
		});
	const open = (job: JobRow) => void navigate({ to: '/jobs/$vault/$job', params: { vault: job.vaultId, job: job.id } });
	const counts = STATES.map((state): [JobState, number] => [state, jobs.filter((job) => job.state === state).length]);

	return (
		<Screen
			title="Jobs"
			lead={list.data ? lead(jobs) : ''}
			pane={chosen && <JobPane row={chosen} onClose={() => show(undefined)} onCancel={cancel.ask} />}
		>
			{cancel.dialog}
			{list.error && (
				<div style={{ padding: '0 24px 12px' }}>
					<FailureView failure={list.error} onRetry={() => void list.refetch()} />
				</div>
			)}
			{list.data?.failures.map(({ vaultId, failure }) => (
				<div key={vaultId} style={{ padding: '0 24px 12px' }}>
					<FailureView failure={failure} onRetry={() => void list.refetch()} />
				</div>
			))}
			{(!list.error || list.data) && (
				<DataTable
					label="Jobs"
					columns={chosen ? JOB_COLUMNS_NARROW : JOB_COLUMNS}
					allColumns={JOB_COLUMNS}
					menu="jobs"
					asOf={list.data?.asOf}
					rowKey={keyOf}
					source={{ kind: 'all', rows: found }}
					loading={list.isPending}
					activeKey={chosen && keyOf(chosen)}
					onActivate={show}
					onOpen={open}
					rowActions={(job) => [
						{ label: 'Open', run: () => open(job) },
						...(job.state === 'running' ? [{ label: 'Cancel…', run: () => cancel.ask(job) }] : []),
					]}
					empty={
						jobs.length === 0 ? (
							<EmptyState title="No job yet">
								Backups, restores and deletions are listed here while they run and afterwards.
							</EmptyState>
						) : (
							<EmptyState title="No job matches the filter" />
						)
					}
					toolbar={
						<>
							<FilterBox
								label="Filter jobs"
								placeholder="Job, recovery point or vault"
								value={text}
								onChange={setText}
							/>
							<FilterPills
								label="States"
								counts={counts.filter(([, count]) => count > 0)}
								selected={states}
								onChange={setStates}
							/>
						</>
					}
				/>
			)}
		</Screen>
	);
}
