import type { ClusterRow } from '@/backend/bindings';
import { formatBytes, formatCount, MiddleText, RelativeTime, type Status, StatusDot, statusWord } from '@/shared';
import type { Column } from '@/shared/table';

/** Whether the newest recovery point protects the cluster. */
export function protection({ lastBackup }: ClusterRow): Status {
	if (!lastBackup) return 'unprotected';
	if (lastBackup.state === 'completed') return 'protected';
	return lastBackup.state;
}

/** The columns of every list of clusters. */
export const CLUSTER_COLUMNS: Column<ClusterRow>[] = [
	{
		id: 'state',
		header: 'State',
		width: 120,
		sortable: true,
		text: (cluster) => statusWord(protection(cluster)),
		render: (cluster) => <StatusDot status={protection(cluster)} />,
	},
	{
		id: 'name',
		header: 'Cluster',
		width: 160,
		grow: 2,
		sortable: true,
		fixed: true,
		text: (cluster) => cluster.name,
		render: (cluster) => <MiddleText text={cluster.name} />,
	},
	{
		id: 'last',
		header: 'Last recovery point',
		width: 136,
		sortable: true,
		text: (cluster) => cluster.lastBackup?.time ?? '',
		sortKey: (cluster) => Date.parse(cluster.lastBackup?.time ?? '1970-01-01'),
		render: ({ lastBackup }) => (lastBackup ? <RelativeTime time={lastBackup.time} /> : '–'),
	},
	{
		id: 'points',
		header: 'Points',
		width: 64,
		align: 'end',
		sortable: true,
		text: (cluster) => formatCount(cluster.points),
		sortKey: (cluster) => cluster.points,
		export: (cluster) => cluster.points,
	},
	{
		id: 'objects',
		header: 'Objects',
		width: 80,
		align: 'end',
		sortable: true,
		text: ({ lastBackup }) => (lastBackup ? formatCount(lastBackup.objects) : '–'),
		sortKey: ({ lastBackup }) => lastBackup?.objects ?? -1,
		export: ({ lastBackup }) => lastBackup?.objects ?? '',
	},
	{
		id: 'bytes',
		header: 'Size',
		width: 80,
		align: 'end',
		sortable: true,
		text: ({ lastBackup }) => (lastBackup ? formatBytes(lastBackup.bytes) : '–'),
		sortKey: ({ lastBackup }) => lastBackup?.bytes ?? -1,
		export: ({ lastBackup }) => lastBackup?.bytes ?? '',
		exportHeader: 'Size (bytes)',
	},
];

const SERVER: Column<ClusterRow> = {
	id: 'server',
	header: 'API server',
	width: 200,
	grow: 2,
	sortable: true,
	text: (cluster) => cluster.server ?? 'in this program',
	export: (cluster) => cluster.server ?? '',
	render: (cluster) =>
		cluster.server ? <MiddleText text={cluster.server.replace(/^https:\/\//, '')} mono /> : 'in this program',
};

export const CLUSTER_COLUMNS_WIDE: Column<ClusterRow>[] = [...CLUSTER_COLUMNS, SERVER];

/** Those that have room beside a pane. */
export const CLUSTER_COLUMNS_NARROW = CLUSTER_COLUMNS.filter(({ id }) => !['points', 'objects', 'bytes'].includes(id));
