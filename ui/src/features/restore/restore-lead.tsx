import type { ActionCounts, JobDetails } from '@/backend/bindings';
import { formatCount, formatDuration, StatusDot, statusWord } from '@/shared';
import type { Status } from '@/shared/status-dot';

const TOLD = ['failed', 'blocked', 'recreated', 'created', 'patched', 'skipped', 'identical'];

/** `2 failed, 120 created, 9 patched`: what went wrong first. */
function outcomeWords(outcomes: [string, number][]): string {
	return TOLD.flatMap((name) => outcomes.filter(([outcome, count]) => outcome === name && count > 0))
		.map(([name, count]) => `${formatCount(count)} ${statusWord(name as Status).toLowerCase()}`)
		.join(', ');
}

function planWords({ create, patch, recreate, blocked }: ActionCounts): string {
	const parts = [`${formatCount(create)} to create`, `${formatCount(patch)} to patch`];
	if (recreate > 0) parts.push(`${formatCount(recreate)} to delete and create again`);
	if (blocked > 0) parts.push(`${formatCount(blocked)} blocked`);
	return `${parts.join(', ')}. Nothing is written yet.`;
}

interface RestoreLeadProps {
	/** The plan that holds. */
	counts: ActionCounts | undefined;
	job: JobDetails | undefined;
}

/** How far the restore is, in one sentence. */
export function RestoreLead({ counts, job }: RestoreLeadProps) {
	if (!job) return <>{counts ? planWords(counts) : 'Nothing is written before you have seen the plan.'}</>;
	const { row, outcomes } = job;
	if (row.state === 'running') return <>Restoring into {row.cluster}. You can leave this screen; the job goes on.</>;
	const took = row.ended ? `, in ${formatDuration(Date.parse(row.ended) - Date.parse(row.started))}` : '';
	return (
		<span role="status" style={{ display: 'inline-flex', flexWrap: 'wrap', gap: '0 12px' }}>
			<StatusDot status={row.state} />
			<span>
				{outcomeWords(outcomes) || 'nothing was written'}
				{took}
			</span>
		</span>
	);
}
