import type { Backend } from '../backend';
import type { JobDetails, JobRow, LogLevel, LogLine } from '../bindings';
import { exampleReport } from './example-restore';
import { type FakeHost, failure } from './host';
import { warningsOf } from './plans';
import { VAULTS } from './points';
import { RESTORE_HOOKS } from './restore-hooks';

const MINUTE = 60_000;

/** `{day}` in the name of a recovery point is the day on which the job began. */
interface Past {
	id: string;
	minutesAgo: number;
	seconds: number;
	row: Pick<JobRow, 'kind' | 'state' | 'point' | 'cluster' | 'objects'> & Partial<JobRow>;
	rest?: Partial<JobDetails>;
}

const PAST: Past[] = [
	{
		id: 'job-restore-1',
		minutesAgo: 42,
		seconds: 7,
		row: {
			kind: 'restore',
			state: 'partial',
			point: 'shop-before-upgrade',
			cluster: 'Sandbox (built in)',
			summary: 'shop → staging',
			objects: 128,
			warnings: 7,
			failures: 6,
		},
		rest: {
			hasReport: true,
			hooks: RESTORE_HOOKS.length,
			outcomes: [
				['created', 84],
				['derived', 38],
				['blocked', 4],
				['failed', 2],
			],
			warnings: [
				...warningsOf(exampleReport()),
				{ message: 'namespace staging will be made without labels: its object is not in the recovery point', count: 1 },
			],
		},
	},
	{
		id: 'job-backup-1',
		minutesAgo: 84,
		seconds: 1,
		row: {
			kind: 'backup',
			state: 'completed',
			point: 'shop-before-upgrade',
			cluster: 'Sandbox (built in)',
			objects: 384,
		},
	},
	{
		id: 'job-backup-2',
		minutesAgo: 120,
		seconds: 74,
		row: {
			kind: 'backup',
			state: 'partial',
			point: 'prod-weu-{day}-1200',
			cluster: 'prod-weu',
			objects: 10_227,
			warnings: 13,
			vaultId: VAULTS.blob,
			vaultName: 'aksbackups',
		},
		rest: {
			warnings: [
				{ message: 'secrets cannot be listed in namespace payments: forbidden', count: 12 },
				{ message: 'the API metrics.k8s.io/v1beta1 does not answer (503 ServiceUnavailable)', count: 1 },
			],
		},
	},
	{
		id: 'job-backup-3',
		minutesAgo: 700,
		seconds: 16,
		row: {
			kind: 'backup',
			state: 'failed',
			point: 'legacy-onprem-0200',
			cluster: 'legacy-onprem',
			objects: 0,
			failures: 1,
			vaultId: VAULTS.blob,
			vaultName: 'aksbackups',
		},
		rest: {
			failure: failure('clusterUnreachable', 'legacy-onprem does not answer at https://10.20.0.14:6443', {
				guidance:
					'Check that the API server runs and that this computer may reach it (VPN, authorised IP ranges, proxy).',
				retryable: true,
				details: 'GET /version: tcp connect error: connection timed out (os error 110)',
			}),
		},
	},
	{
		id: 'job-backup-4',
		minutesAgo: 720,
		seconds: 61,
		row: {
			kind: 'backup',
			state: 'completed',
			point: 'fleet-{day}-0100',
			cluster: 'fleet-neu',
			objects: 100_000,
			vaultId: VAULTS.blob,
			vaultName: 'aksbackups',
		},
	},
	{
		id: 'job-restore-2',
		minutesAgo: 1500,
		seconds: 31,
		row: {
			kind: 'restore',
			state: 'cancelled',
			point: 'fleet-0100',
			cluster: 'fleet-neu',
			summary: 'tenant-0007',
			objects: 212,
			vaultId: VAULTS.blob,
			vaultName: 'aksbackups',
		},
		rest: {
			hasReport: true,
			outcomes: [
				['created', 212],
				['planned', 288],
			],
		},
	},
	{
		id: 'job-backup-5',
		minutesAgo: 2900,
		seconds: 240,
		row: {
			kind: 'backup',
			state: 'interrupted',
			point: 'prod-weu-interrupted',
			cluster: 'prod-weu',
			objects: 6_100,
			own: false,
			vaultId: VAULTS.blob,
			vaultName: 'aksbackups',
		},
		rest: { origin: 'svc-backup on build-07' },
	},
	{
		id: 'job-delete-1',
		minutesAgo: 3100,
		seconds: 1,
		row: { kind: 'delete', state: 'completed', point: 'sandbox-test', cluster: '', objects: 0 },
	},
];

export function exampleJobs(host: FakeHost): JobDetails[] {
	if (host.empty) return [];
	return PAST.map(({ id, minutesAgo, seconds, row, rest }) => {
		const began = host.now().getTime() - minutesAgo * MINUTE;
		const at = (share: number) => new Date(began + seconds * 1000 * share).toISOString();
		const names =
			row.kind === 'restore'
				? ['planning', 'namespaces', 'configuration', 'workloads']
				: ['discovery', 'listing', 'committing'];
		const reached = row.objects === 0 ? names.slice(0, 1) : names;
		const phases = reached.map((name, index) => ({
			name,
			started: at(index / reached.length),
			ended: at((index + 1) / reached.length),
			done: index === 1 ? row.objects : 0,
		}));
		const full: JobRow = {
			id,
			vaultId: VAULTS.folder,
			vaultName: 'local',
			summary: '',
			warnings: 0,
			failures: 0,
			own: true,
			started: at(0),
			ended: at(1),
			...row,
			point: row.point.replace('{day}', at(0).slice(0, 10).replaceAll('-', '')),
		};
		return {
			row: full,
			phases,
			warnings: [],
			outcomes: [],
			hasReport: false,
			hooks: 0,
			origin: 'ada on thinkpad',
			...rest,
		};
	});
}

const RANK: Record<LogLevel, number> = { info: 0, warning: 1, error: 2 };

function log(job: JobDetails): LogLine[] {
	const lines: [string, LogLevel, string][] = [[job.row.started, 'info', `${job.row.kind} of ${job.row.point} begins`]];
	for (const phase of job.phases) {
		lines.push([phase.started, 'info', `phase ${phase.name}`]);
		for (let at = 0; at < Math.min(400, phase.done); at += 20) {
			lines.push([phase.started, 'info', `configmaps: ${at + 20} objects`]);
		}
	}
	for (const { message, count } of job.warnings) {
		for (let at = 0; at < count; at += 1) lines.push([job.row.ended ?? job.row.started, 'warning', message]);
	}
	if (job.failure) lines.push([job.row.ended ?? job.row.started, 'error', job.failure.message]);
	if (job.row.ended) lines.push([job.row.ended, 'info', `ended: ${job.row.state}`]);
	return lines.map(([time, level, text], number) => ({ number, time, level, text }));
}

type JobsPart = Pick<Backend, 'jobs' | 'job' | 'jobLog' | 'cancelJob' | 'exportReport'>;

/** The calls about jobs. */
export function jobsPart(host: FakeHost, jobs: Map<string, JobDetails>): JobsPart {
	const find = (id: string): JobDetails => {
		const job = jobs.get(id);
		if (!job) throw failure('notFound', 'this job is not in the vault any more');
		return job;
	};
	return {
		async jobs() {
			const rows = [...jobs.values()].map(({ row }) => row).toSorted((a, b) => b.started.localeCompare(a.started));
			return { jobs: rows, failures: [], asOf: host.now().toISOString() };
		},
		job: async (_, jobId) => structuredClone(find(jobId)),
		async jobLog(_, jobId, { text, level, offset, limit }) {
			const found = log(find(jobId)).filter(
				(line) => RANK[line.level] >= RANK[level] && line.text.toLowerCase().includes(text.toLowerCase()),
			);
			return { total: found.length, offset, lines: found.slice(offset, offset + limit) };
		},
		async cancelJob(_, jobId) {
			const job = find(jobId);
			const { progress: __, ...row } = job.row;
			if (row.state !== 'running') throw failure('invalidInput', 'this job has ended already');
			host.putJob({ ...job, row: { ...row, state: 'cancelled', ended: host.now().toISOString() } });
		},
		exportReport: async (_, jobId, format) => `/home/ada/${jobId}.${format}`,
	};
}
