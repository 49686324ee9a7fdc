import type { PointRow } from '@/backend/bindings';
import { Bytes, Count, formatBytes, formatCount, MiddleText, RelativeTime, StatusDot, statusWord } from '@/shared';
import type { Column } from '@/shared/table';

/** What tells one recovery point from all others. */
export function pointKey(row: PointRow): string {
	return `${row.vaultId}/${row.name}`;
}

function cluster(row: PointRow): string {
	return row.cluster || 'unknown';
}

/** Of how many volumes there is a snapshot; a dash where that is not known, as in the list of another program's points. */
function volumes(row: PointRow): string {
	if (row.state === 'unreadable') return '';
	return row.snapshots === undefined ? '–' : formatCount(row.snapshots);
}

/** Columns that stay while a pane takes the room of the others. */
const BESIDE = ['state', 'name', 'cluster', 'started'];

export const POINT_COLUMNS: Column<PointRow>[] = [
	{
		id: 'state',
		header: 'State',
		width: 116,
		sortable: true,
		text: (row) => statusWord(row.state),
		render: (row) => <StatusDot status={row.state} />,
	},
	{
		id: 'name',
		header: 'Name',
		width: 180,
		grow: 3,
		sortable: true,
		fixed: true,
		text: (row) => row.name,
		render: (row) => <MiddleText text={row.name} mono />,
	},
	{
		id: 'cluster',
		header: 'Cluster',
		width: 96,
		grow: 1,
		sortable: true,
		text: cluster,
		export: (row) => row.cluster,
	},
	{ id: 'vault', header: 'Vault', width: 88, grow: 1, sortable: true, text: (row) => row.vaultName },
	{
		id: 'started',
		header: 'Taken',
		width: 92,
		sortable: true,
		text: (row) => row.started ?? '',
		render: (row) => (row.started ? <RelativeTime time={row.started} /> : 'unknown'),
	},
	{
		id: 'objects',
		header: 'Objects',
		width: 72,
		align: 'end',
		sortable: true,
		text: (row) => formatCount(row.objects),
		sortKey: (row) => row.objects,
		export: (row) => (row.state === 'unreadable' ? '' : row.objects),
		render: (row) => (row.state === 'unreadable' ? '' : <Count value={row.objects} />),
	},
	{
		id: 'volumes',
		header: 'Volumes',
		width: 72,
		align: 'end',
		sortable: true,
		text: volumes,
		sortKey: (row) => row.snapshots ?? -1,
		export: (row) => (row.state === 'unreadable' ? '' : (row.snapshots ?? '')),
	},
	{
		id: 'bytes',
		header: 'Size',
		width: 72,
		align: 'end',
		sortable: true,
		text: (row) => formatBytes(row.archiveBytes),
		sortKey: (row) => row.archiveBytes,
		export: (row) => (row.state === 'unreadable' ? '' : row.archiveBytes),
		exportHeader: 'Size (bytes)',
		render: (row) => (row.state === 'unreadable' ? '' : <Bytes value={row.archiveBytes} />),
	},
	{
		id: 'warnings',
		header: 'Warnings',
		width: 76,
		align: 'end',
		sortable: true,
		text: (row) => formatCount(row.warnings),
		sortKey: (row) => row.warnings,
		export: (row) => row.warnings,
		render: (row) => (row.warnings > 0 ? <Count value={row.warnings} /> : ''),
	},
];

export const BESIDE_POINT_COLUMNS = POINT_COLUMNS.filter(({ id }) => BESIDE.includes(id));
