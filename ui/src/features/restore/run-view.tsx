import { useMutation } from '@tanstack/react-query';
import { FailureView, useBackend } from '@/shared';
import { ProgressLine } from '@/shared/progress-line';
import { ReportTable, useJob } from './report-table';

/** A restore as it runs, and its report once it has ended. */
export function RunView({ vaultId, jobId }: { vaultId: string; jobId: string }) {
	const backend = useBackend();
	const job = useJob(vaultId, jobId);
	const cancel = useMutation({ mutationFn: () => backend.cancelJob(vaultId, jobId) });
	const running = job.data?.row.state === 'running';
	return (
		<>
			<div style={{ padding: '0 24px 8px', display: 'grid', gap: 8 }}>
				{running && (
					<ProgressLine
						label="Restoring"
						progress={job.data?.row.progress}
						onCancel={cancel.isPending ? undefined : () => cancel.mutate()}
					/>
				)}
				{job.data?.failure && <FailureView failure={job.data.failure} />}
				{cancel.error && <FailureView failure={cancel.error} />}
			</div>
			<ReportTable vaultId={vaultId} jobId={jobId} />
		</>
	);
}
