import type { KindCount, PointDetails } from '@/backend/bindings';
import { AbsoluteTime, formatBytes, formatCount, formatDuration, plural } from '@/shared';
import { YamlView } from '@/shared/code';
import { Facts } from '@/shared/facts';
import { type Column, DataTable } from '@/shared/table';

const KIND_COLUMNS: Column<KindCount>[] = [
	{ id: 'kind', header: 'Kind', width: 160, grow: 1, sortable: true, text: (row) => row.kind },
	{ id: 'resource', header: 'Resource', width: 240, grow: 2, mono: true, sortable: true, text: (row) => row.resource },
	{ id: 'version', header: 'Version', width: 80, mono: true, text: (row) => row.version },
	{
		id: 'objects',
		header: 'Objects',
		width: 80,
		align: 'end',
		sortable: true,
		text: (row) => formatCount(row.objects),
		sortKey: (row) => row.objects,
	},
];

const HEAD = { margin: '0 0 8px', fontSize: 14, lineHeight: '20px' };

/** What is known of a point beside its objects. */
export function About({ details: { row, kinds, namespaces, nonAtomic, spec } }: { details: PointDetails }) {
	const took = row.started && row.completed && Date.parse(row.completed) - Date.parse(row.started);
	const named = namespaces.filter(([name]) => name !== '').length;
	return (
		<div
			style={{
				display: 'grid',
				gap: 24,
				padding: '0 24px 24px',
				overflowY: 'auto',
				alignContent: 'start',
				maxWidth: 1000,
			}}
		>
			<Facts
				facts={[
					['Vault', row.vaultName],
					['Cluster', [row.cluster || 'unknown', row.clusterVersion].filter(Boolean).join(' · ')],
					['Begun', row.started && <AbsoluteTime time={row.started} />],
					['Last object read', row.completed && <AbsoluteTime time={row.completed} />],
					['Took', took !== undefined && took !== '' && formatDuration(took)],
					['Objects', `${formatCount(row.objects)} in ${plural(named, 'namespace')}`],
					['Size', `${formatBytes(row.archiveBytes)} stored, ${formatBytes(row.rawBytes)} uncompressed`],
					[
						'Layout',
						row.foreign
							? 'Velero; the index was built here by reading the archive'
							: 'Velero 1.1.0 with Holdfast’s index',
					],
					[
						'Hashes',
						row.foreign
							? 'none; damage shows only when objects are read'
							: 'BLAKE3; the marker vouches for archive and index, the index for every part of the archive',
					],
				]}
			/>
			{nonAtomic.length > 0 && (
				<section>
					<h2 style={HEAD}>Listed over several moments</h2>
					The server’s state moved on while these kinds were listed, so that their objects are not all of the same
					moment: <code>{nonAtomic.join(', ')}</code>
				</section>
			)}
			<section>
				<h2 style={HEAD}>{plural(kinds.length, 'kind')}</h2>
				<DataTable
					label="Kinds"
					columns={KIND_COLUMNS}
					rowKey={(kind) => kind.resource}
					source={{ kind: 'all', rows: kinds }}
					sort={{ column: 'objects', descending: true }}
					empty="No objects"
					inline
				/>
			</section>
			<section>
				<h2 style={HEAD}>What the backup was asked to take</h2>
				<div style={{ display: 'flex', height: Math.min(320, 16 + 18 * spec.split('\n').length) }}>
					<YamlView text={spec} label="Backup specification" />
				</div>
			</section>
		</div>
	);
}
