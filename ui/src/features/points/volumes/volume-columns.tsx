import type { VolumeRow } from '@/backend/bindings';
import { MiddleText, RelativeTime, StatusDot, statusWord } from '@/shared';
import type { Column } from '@/shared/table';
import { claimKey, STATUSES, shortHandle, sizeWords, volumeStatus } from './words';

/** Columns that stay while a pane takes the room of the others. */
const BESIDE = ['state', 'claim', 'size'];

const outcome = (row: VolumeRow): string => row.snapshot?.handle ?? row.reason;

export const VOLUME_COLUMNS: Column<VolumeRow>[] = [
	{
		id: 'state',
		header: 'State',
		width: 108,
		sortable: true,
		fixed: true,
		text: (row) => statusWord(volumeStatus(row)),
		sortKey: (row) => STATUSES.indexOf(volumeStatus(row)),
		render: (row) => <StatusDot status={volumeStatus(row)} />,
	},
	{
		id: 'claim',
		header: 'Claim',
		width: 190,
		grow: 2,
		sortable: true,
		fixed: true,
		text: claimKey,
		render: (row) => <MiddleText text={claimKey(row)} mono />,
	},
	{
		id: 'size',
		header: 'Size',
		width: 72,
		align: 'end',
		sortable: true,
		text: sizeWords,
		sortKey: (row) => row.bytes ?? -1,
		export: (row) => row.bytes ?? row.size,
		exportHeader: 'Size (bytes)',
	},
	{
		id: 'storageClass',
		header: 'Storage class',
		width: 132,
		grow: 1,
		sortable: true,
		text: (row) => row.storageClass,
		render: (row) => <MiddleText text={row.storageClass} />,
	},
	{
		id: 'driver',
		header: 'Driver',
		width: 120,
		grow: 1,
		sortable: true,
		text: (row) => row.driver,
		render: (row) => <MiddleText text={row.driver} />,
	},
	{
		id: 'cut',
		header: 'Cut',
		width: 84,
		sortable: true,
		text: (row) => row.snapshot?.cut ?? '',
		render: (row) => (row.snapshot?.cut ? <RelativeTime time={row.snapshot.cut} /> : ''),
	},
	{
		id: 'snapshot',
		header: 'Snapshot, or why not',
		width: 176,
		grow: 3,
		sortable: true,
		text: outcome,
		render: (row) => (row.snapshot ? <MiddleText text={shortHandle(row.snapshot.handle)} mono /> : row.reason),
	},
];

export const BESIDE_VOLUME_COLUMNS = VOLUME_COLUMNS.filter(({ id }) => BESIDE.includes(id));
