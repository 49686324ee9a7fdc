import type { JobKind, JobRow } from '@/backend/bindings';
import { formatDuration } from '@/shared';

export const KINDS: Record<JobKind, string> = {
	backup: 'Backup',
	restore: 'Restore',
	delete: 'Deletion',
	undo: 'Undoing',
	other: 'Job',
};

/** What a job does, in one line: `Backup of prod-weu`, `Restore nightly-3 into prod-weu`. */
export function jobTitle({ kind, cluster, point, summary }: JobRow): string {
	if (kind === 'backup') return `Backup of ${cluster || 'a cluster'}`;
	if (kind === 'restore') return `Restore ${point || summary} into ${cluster || 'a cluster'}`;
	if (kind === 'undo') return `Undo restore of ${point || summary} in ${cluster || 'a cluster'}`;
	if (kind === 'delete') return `Deletion of ${point}`;
	return summary || `Job ${point}`;
}

/** What a job is called within a sentence, such as `Cancel restore`. */
export const kindWord = (kind: JobKind): string => KINDS[kind].toLowerCase();

/** How long a job took, or has taken until `now`. */
export function jobDuration({ started, ended }: JobRow, now: number): string {
	return formatDuration((ended ? Date.parse(ended) : now) - Date.parse(started));
}

/** Whether there is a recovery point to look into, as far as the job tells. */
export function hasPoint({ kind, state }: JobRow): boolean {
	return kind === 'restore' || (kind === 'backup' && (state === 'completed' || state === 'partial'));
}
