import type { JobKind, JobRow, Progress } from '@/backend/bindings';
import { formatCount, formatDuration, formatSpan } from '@/shared';

export const KINDS: Record<JobKind, string> = {
	backup: 'Backup',
	restore: 'Restore',
	delete: 'Deletion',
	other: 'Job',
};

/** What a job does, in one line: `Backup of prod-weu`, `Restore shop → staging into prod-weu`. */
export function jobTitle({ kind, cluster, point, summary }: JobRow): string {
	if (kind === 'backup') return `Backup of ${cluster || 'a cluster'}`;
	if (kind === 'restore') return `Restore ${summary || point} into ${cluster || 'a cluster'}`;
	if (kind === 'delete') return `Deletion of ${point}`;
	return summary || `Job ${point}`;
}

/** `listing · 612 of 1 284 · 840/s · 12 s left`; what is not known is left out. */
export function progressWords({ phase, done, total, rate, remainingMs }: Progress): string {
	const parts = [phase];
	if (total) parts.push(`${formatCount(done)} of ${formatCount(total)}`);
	else if (done) parts.push(`${formatCount(done)} objects`);
	if (rate) parts.push(`${formatCount(rate)}/s`);
	if (remainingMs !== undefined) parts.push(`${formatSpan(remainingMs)} left`);
	return parts.join(' · ');
}

/** How long a job took, or has taken until `now`. */
export function jobDuration({ started, ended }: JobRow, now: number): string {
	return formatDuration((ended ? Date.parse(ended) : now) - Date.parse(started));
}

/** Whether there is a recovery point to look into, as far as the job tells. */
export function hasPoint({ kind, state }: JobRow): boolean {
	return kind === 'restore' || (kind === 'backup' && (state === 'completed' || state === 'partial'));
}
