import type { PodHold, SnapshotFacts, VolumeRow } from '@/backend/bindings';
import { AbsoluteTime, CopyButton, formatBytes, formatDuration, Pane, Section, StatusDot } from '@/shared';
import { Facts } from '@/shared/facts';
import { claimKey, sizeWords, volumeStatus } from './words';

interface VolumePaneProps {
	row: VolumeRow;
	holds: PodHold[];
	onClose: () => void;
}

/** Everything that a point says of one claim. */
export function VolumePane({ row, holds, onClose }: VolumePaneProps) {
	const held = holds.filter(({ namespace, pod }) => namespace === row.namespace && row.pods.includes(pod));
	return (
		<Pane title={claimKey(row)} width={460} onClose={onClose}>
			<Section title="Claim">
				<Facts
					facts={[
						['State', <StatusDot key="state" status={volumeStatus(row)} />],
						['Why', row.reason],
						['Size', sizeWords(row) && `${sizeWords(row)}${row.bytes === undefined ? '' : ` (${row.size})`}`],
						['Storage class', row.storageClass],
						['Access modes', row.accessModes.join(', ')],
						['Volume mode', row.volumeMode],
						['Used by', row.pods.length > 0 && <List key="pods" items={row.pods} />],
						[
							'Held',
							held.length > 0 && (
								<List key="held" items={held.map((hold) => `${hold.pod} for ${formatDuration(hold.durationMs)}`)} />
							),
						],
					]}
				/>
			</Section>
			<Section title="Source volume">
				<Facts
					facts={[
						['Name', row.volume && <Long key="volume" text={row.volume} what="the name of the volume" />],
						['Driver', row.driver],
						['Handle', row.volumeHandle && <Long key="handle" text={row.volumeHandle} what="the volume handle" />],
						['File system', row.filesystem],
						['Reclaim policy', row.reclaimPolicy],
					]}
				/>
			</Section>
			{row.snapshot && <SnapshotSection snapshot={row.snapshot} />}
		</Pane>
	);
}

function SnapshotSection({ snapshot }: { snapshot: SnapshotFacts }) {
	const { incremental } = snapshot;
	return (
		<Section title="Snapshot">
			<Facts
				facts={[
					[
						'Ready',
						snapshot.ready
							? 'Yes'
							: 'Not when the recovery point was written; the storage system may have finished it since',
					],
					['Handle', <Long key="handle" text={snapshot.handle} what="the snapshot handle" />],
					['Cut', snapshot.cut && <AbsoluteTime key="cut" time={snapshot.cut} />],
					['Restores to', snapshot.restoreBytes !== undefined && `${formatBytes(snapshot.restoreBytes)} at least`],
					['Incremental', incremental === undefined ? 'Not said by its class' : incremental ? 'Yes' : 'No, full'],
					['Resource group', snapshot.resourceGroup],
					['Driver', snapshot.driver],
					['Snapshot class', snapshot.class],
					['VolumeSnapshot', <Long key="name" text={snapshot.name} what="the name of the VolumeSnapshot" />],
					[
						'VolumeSnapshotContent',
						<Long key="content" text={snapshot.content} what="the name of the VolumeSnapshotContent" />,
					],
				]}
			/>
		</Section>
	);
}

/** A long name in full, to copy. */
function Long({ text, what }: { text: string; what: string }) {
	return (
		<span style={{ display: 'flex', alignItems: 'flex-start', gap: 4 }}>
			<code style={{ fontSize: 12, minWidth: 0, overflowWrap: 'anywhere' }}>{text}</code>
			<CopyButton text={text} label={`Copy ${what}`} />
		</span>
	);
}

function List({ items }: { items: string[] }) {
	return (
		<ul style={{ margin: 0, padding: 0, listStyleType: 'none' }}>
			{items.map((item) => (
				<li key={item}>{item}</li>
			))}
		</ul>
	);
}
