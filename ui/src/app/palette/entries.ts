import { useLocation, useNavigate } from '@tanstack/react-router';
import { jobTitle } from '@/features/jobs/running';
import { useKeptRestore } from '@/features/restore/kept-restore';
import { statusWord, useClusters, useJobs, usePoints } from '@/shared';
import { useHotkeys } from '@/shared/hotkeys';

/** Something that can be found and done. */
export interface Entry {
	/** Identity. */
	id: string;
	/** What it is, such as `Cluster`. */
	group: 'Action' | 'Cluster' | 'Recovery point' | 'Job';
	text: string;
	/** A few words behind it. */
	note?: string;
	keys?: string;
	run: () => void;
}

/** Newest jobs offered; older ones are found in their list. */
const JOBS = 100;

/** Everything that the palette finds: what keys do, clusters and what can be done to them, points, jobs. */
export function useEntries(): Entry[] {
	const navigate = useNavigate();
	const hotkeys = useHotkeys((state) => state.entries);
	const clusters = useClusters().data ?? [];
	const points = usePoints().data?.points ?? [];
	const jobs = useJobs().data?.jobs ?? [];
	const restore = useKeptRestore();
	const elsewhere = useLocation().pathname !== '/restore';
	const back: Entry[] = [];
	if (restore && elsewhere) {
		const of = restore.draft.point ? ` of ${restore.draft.point.point}` : '';
		back.push({
			id: 'back-to-restore',
			group: 'Action',
			text: `Back to the restore${of}`,
			run: () => void navigate({ to: '/restore', search: restore.search }),
		});
	}
	const actions = hotkeys
		.filter(({ keys }) => keys !== 'ctrl+k')
		.map(({ keys, label, run }): Entry => ({ id: `key ${keys} ${label}`, group: 'Action', text: label, keys, run }));
	const own = clusters.flatMap(({ id, name }): Entry[] => [
		{
			id: `cluster ${id}`,
			group: 'Cluster',
			text: name,
			run: () => void navigate({ to: '/clusters/$id', params: { id } }),
		},
		{
			id: `backup ${id}`,
			group: 'Action',
			text: `Back up ${name}`,
			run: () => void navigate({ to: '/clusters/$id', params: { id }, search: { do: 'backup' } }),
		},
		{
			id: `restore ${id}`,
			group: 'Action',
			text: `Restore into ${name}`,
			run: () => void navigate({ to: '/restore', search: { cluster: id } }),
		},
	]);
	return [
		...back,
		...actions,
		...own,
		{
			id: 'hooks',
			group: 'Action',
			text: 'Write hooks for backups and restores',
			run: () => void navigate({ to: '/hooks' }),
		},
		{
			id: 'add-vault',
			group: 'Action',
			text: 'Add a vault',
			run: () => void navigate({ to: '/vaults', search: { do: 'add' } }),
		},
		...points.map(
			({ vaultId, name, vaultName }): Entry => ({
				id: `point ${vaultId}/${name}`,
				group: 'Recovery point',
				text: name,
				note: vaultName,
				run: () => void navigate({ to: '/points/$vault/$point', params: { vault: vaultId, point: name } }),
			}),
		),
		...jobs.slice(0, JOBS).map(
			(job): Entry => ({
				id: `job ${job.vaultId}/${job.id}`,
				group: 'Job',
				text: jobTitle(job),
				note: statusWord(job.state),
				run: () => void navigate({ to: '/jobs/$vault/$job', params: { vault: job.vaultId, job: job.id } }),
			}),
		),
	];
}
