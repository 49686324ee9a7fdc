import { Button } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import type { JobRow } from '@/backend/bindings';
import { FailureView, Pane, StatusDot } from '@/shared';
import { JobSummary } from './job-summary';
import { jobTitle, kindWord } from './job-words';
import { useJob } from './use-job';

interface JobPaneProps {
	row: JobRow;
	onClose: () => void;
	onCancel: (job: JobRow) => void;
}

/** A job beside the list. */
export function JobPane({ row, onClose, onCancel }: JobPaneProps) {
	const job = useJob(row.vaultId, row.id);
	const page = { to: '/jobs/$vault/$job', params: { vault: row.vaultId, job: row.id } } as const;
	return (
		<Pane
			title={jobTitle(row)}
			onClose={onClose}
			footer={
				<>
					<Link {...page}>
						<Button tabIndex={-1}>
							{row.kind === 'restore' || row.kind === 'undo' ? 'Open report and log' : 'Open log'}
						</Button>
					</Link>
					{row.state === 'running' && <Button onClick={() => onCancel(row)}>Cancel {kindWord(row.kind)}…</Button>}
				</>
			}
		>
			<div style={{ marginBottom: 12 }}>
				<StatusDot status={row.state} />
			</div>
			{job.error && <FailureView failure={job.error} onRetry={() => void job.refetch()} />}
			{job.data && <JobSummary job={job.data} />}
		</Pane>
	);
}
