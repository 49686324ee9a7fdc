import type { JobRow } from '@/backend/bindings';
import { formatCount, MiddleText, RelativeTime, StatusDot, statusWord } from '@/shared';
import { progressWords } from '@/shared/progress-line';
import type { Column } from '@/shared/table';
import { jobDuration, jobTitle } from './job-words';

/** `2 failed, 13 warnings`; empty where nothing went wrong. */
export const trouble = ({ warnings, failures }: JobRow): string => {
	const parts: string[] = [];
	if (failures > 0) parts.push(`${formatCount(failures)} failed`);
	if (warnings > 0) parts.push(`${formatCount(warnings)} ${warnings === 1 ? 'warning' : 'warnings'}`);
	return parts.join(', ');
};

const running = (job: JobRow): string => (job.progress ? progressWords(job.progress) : '');

/** The columns of every list of jobs. */
export const JOB_COLUMNS: Column<JobRow>[] = [
	{
		id: 'state',
		header: 'State',
		width: 104,
		sortable: true,
		text: (job) => statusWord(job.state),
		render: (job) => <StatusDot status={job.state} />,
	},
	{
		id: 'job',
		header: 'Job',
		width: 160,
		grow: 3,
		sortable: true,
		fixed: true,
		text: jobTitle,
		render: (job) => <MiddleText text={jobTitle(job)} />,
	},
	{
		id: 'point',
		header: 'Recovery point',
		width: 128,
		grow: 2,
		sortable: true,
		text: (job) => job.point,
		render: (job) => <MiddleText text={job.point} mono />,
	},
	{
		id: 'objects',
		header: 'Objects',
		width: 80,
		align: 'end',
		sortable: true,
		text: (job) => formatCount(job.objects),
		sortKey: (job) => job.objects,
		export: (job) => job.objects,
	},
	{
		id: 'trouble',
		header: 'Progress, warnings',
		width: 140,
		grow: 2,
		text: (job) => (job.state === 'running' ? running(job) : trouble(job)),
	},
	{ id: 'vault', header: 'Vault', width: 96, sortable: true, text: (job) => job.vaultName },
	{
		id: 'started',
		header: 'Started',
		width: 96,
		sortable: true,
		text: (job) => job.started,
		sortKey: (job) => Date.parse(job.started),
		render: (job) => <RelativeTime time={job.started} />,
	},
	{
		id: 'seconds',
		header: 'Took',
		width: 80,
		align: 'end',
		sortable: true,
		text: (job) => jobDuration(job, Date.now()),
		sortKey: (job) => Date.parse(job.ended ?? new Date().toISOString()) - Date.parse(job.started),
		export: ({ started, ended }) => (ended ? (Date.parse(ended) - Date.parse(started)) / 1000 : ''),
		exportHeader: 'Took (seconds)',
	},
];

/** Those that have room beside a pane. */
export const JOB_COLUMNS_NARROW = JOB_COLUMNS.filter(({ id }) => ['state', 'job', 'trouble', 'started'].includes(id));
