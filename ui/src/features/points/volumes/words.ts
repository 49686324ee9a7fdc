import type { HookPhase, HookRow, PodHold, PointVolumes, VolumeRow } from '@/backend/bindings';
import { formatBytes, formatCount, formatDuration, plural } from '@/shared';

/** What is seen of a claim's state: a snapshot that is not ready is one to look after. */
export type VolumeStatus = 'failed' | 'notReady' | 'skipped' | 'snapshotted';

/** What needs a look comes first. */
export const STATUSES: VolumeStatus[] = ['failed', 'notReady', 'skipped', 'snapshotted'];

export function volumeStatus({ state, snapshot }: VolumeRow): VolumeStatus {
	return state === 'snapshotted' && snapshot && !snapshot.ready ? 'notReady' : state;
}

/** What tells one claim from all others of its point, and what its address calls it. */
export const claimKey = ({ namespace, claim }: Pick<VolumeRow, 'namespace' | 'claim'>): string =>
	`${namespace}/${claim}`;

/** The size of a claim's volume; as Kubernetes writes it where that is no number of bytes. */
export const sizeWords = ({ bytes, size }: VolumeRow): string => (bytes === undefined ? size : formatBytes(bytes));

/** The end of a handle: a resource id of Azure is told from others by its last part. */
export const shortHandle = (handle: string): string => handle.split('/').findLast(Boolean) ?? handle;

export const PHASES: Record<HookPhase, string> = {
	pre: 'Before the cut',
	post: 'After the cut',
	restore: 'After the restore',
};

/** A hook has no name of its own: two of a pod may be the same command, begun at different moments. */
export const hookKey = (run: HookRow): string =>
	[run.started, run.namespace, run.pod, run.container, run.phase, run.hook, ...run.command].join('\n');

/** A command in one line, as a shell would take it for the eyes only. */
export function commandWords(command: readonly string[]): string {
	return command
		.map((word) => (word === '' || /\s/.test(word) ? `'${word.replace(/\s+/g, ' ').trim()}'` : word))
		.join(' ');
}

/** `22 of 24 claims are in this recovery point`. */
export function countWords({ volumes }: PointVolumes): string {
	const held = volumes.filter(({ state }) => state === 'snapshotted').length;
	if (volumes.length === 1)
		return held === 1 ? 'The one claim is in this recovery point' : 'The one claim is not in this recovery point';
	if (held === volumes.length) return `All ${formatCount(held)} claims are in this recovery point`;
	return `${formatCount(held)} of ${plural(volumes.length, 'claim')} are in this recovery point`;
}

/** For how long each pod was held, the longest first; at most `most` by name. */
export function holdWords(holds: readonly PodHold[], most: number): string {
	const longest = holds.toSorted((a, b) => b.durationMs - a.durationMs);
	const named = longest
		.slice(0, most)
		.map((hold) => `${hold.namespace}/${hold.pod} ${formatDuration(hold.durationMs)}`);
	const more = longest.length - named.length;
	return [...named, ...(more > 0 ? [`${formatCount(more)} more`] : [])].join(', ');
}
