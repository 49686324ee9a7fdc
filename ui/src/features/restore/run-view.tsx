import { useMutation } from '@tanstack/react-query';
import type { JobDetails } from '@/backend/bindings';
import { FailureView, formatCount, formatDuration, StatusDot, statusWord, useBackend } from '@/shared';
import { ProgressLine } from '@/shared/progress-line';
import type { Status } from '@/shared/status-dot';
import { ReportTable, useJob } from './report-table';

const TOLD = ['failed', 'blocked', 'created', 'patched', 'skipped', 'identical'];

/** `120 created, 9 patched`, what went wrong first. */
export function outcomeWords(outcomes: [string, number][]): string {
	return TOLD.flatMap((name) => outcomes.filter(([outcome, count]) => outcome === name && count > 0))
		.map(([name, count]) => `${formatCount(count)} ${statusWord(name as Status).toLowerCase()}`)
		.join(', ');
}

function Result({ job: { row, outcomes } }: { job: JobDetails }) {
	const took = row.ended ? Date.parse(row.ended) - Date.parse(row.started) : 0;
	const state = row.state === 'running' ? 'running' : row.state;
	return (
		<div
			style={{ display: 'flex', flexWrap: 'wrap', gap: '4px 12px', minHeight: 32, alignItems: 'center' }}
			role="status"
		>
			<StatusDot status={state} />
			<span>
				{outcomeWords(outcomes) || 'nothing was written'}, in {formatDuration(took)}
			</span>
		</div>
	);
}

/** A restore as it runs, and its report once it has ended. */
export function RunView({ vaultId, jobId }: { vaultId: string; jobId: string }) {
	const backend = useBackend();
	const job = useJob(vaultId, jobId);
	const cancel = useMutation({ mutationFn: () => backend.cancelJob(vaultId, jobId) });
	const running = job.data?.row.state === 'running';
	return (
		<>
			<div style={{ padding: '0 24px 8px 44px', display: 'grid', gap: 8 }}>
				{running ? (
					<ProgressLine
						label="Restoring"
						progress={job.data?.row.progress}
						onCancel={cancel.isPending ? undefined : () => cancel.mutate()}
					/>
				) : (
					job.data && <Result job={job.data} />
				)}
				{job.data?.failure && <FailureView failure={job.data.failure} />}
				{cancel.error && <FailureView failure={cancel.error} />}
			</div>
			<ReportTable vaultId={vaultId} jobId={jobId} />
		</>
	);
}
