import type { ObjectRow, ObjectSort } from '@/backend/bindings';
import { Bytes, formatBytes, MiddleText } from '@/shared';
import type { Column } from '@/shared/table';

export const objectKey = (row: ObjectRow): string => String(row.row);

/** The columns, each called like what it sorts by. */
export const OBJECT_COLUMNS: (Column<ObjectRow> & { id: ObjectSort })[] = [
	{
		id: 'kind',
		header: 'Kind',
		width: 104,
		grow: 1,
		sortable: true,
		fixed: true,
		text: (row) => row.kind,
		render: (row) => <MiddleText text={row.kind} />,
	},
	{
		id: 'name',
		header: 'Name',
		width: 104,
		grow: 3,
		sortable: true,
		fixed: true,
		text: (row) => row.name,
		render: (row) => <MiddleText text={row.name} mono />,
	},
	{
		id: 'namespace',
		header: 'Namespace',
		width: 88,
		grow: 1,
		sortable: true,
		mono: true,
		text: (row) => row.namespace || 'cluster-scoped',
		export: (row) => row.namespace,
		render: (row) =>
			row.namespace ? (
				<MiddleText text={row.namespace} mono />
			) : (
				<span style={{ color: 'var(--colorNeutralForeground3)', fontFamily: 'var(--fontFamilyBase)' }}>
					cluster-scoped
				</span>
			),
	},
	{
		id: 'bytes',
		header: 'Size',
		width: 68,
		align: 'end',
		sortable: true,
		text: (row) => formatBytes(row.bytes),
		export: (row) => row.bytes,
		exportHeader: 'Size (bytes)',
		render: (row) => <Bytes value={row.bytes} />,
	},
];

/** The columns beside an open object, whose size then hardly matters. */
export const BESIDE_COLUMNS = OBJECT_COLUMNS.filter(({ id }) => id !== 'bytes');
