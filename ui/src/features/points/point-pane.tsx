import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { PointRow } from '@/backend/bindings';
import { AbsoluteTime, FailureView, formatBytes, formatCount, Pane, plural, StatusDot, useBackend } from '@/shared';
import { Facts } from '@/shared/facts';
import { undeletable } from './delete-point';

/** Namespaces named in the pane; the rest is on the point's own page. */
const NAMED = 8;

interface PointPaneProps {
	row: PointRow;
	onOpen: () => void;
	onRestore: () => void;
	onDelete: () => void;
	onClose: () => void;
}

/** What one wants to know of a recovery point before opening it. */
export function PointPane({ row, onOpen, onRestore, onDelete, onClose }: PointPaneProps) {
	const backend = useBackend();
	const readable = row.state !== 'unreadable';
	const key = { vaultId: row.vaultId, point: row.name };
	const details = useQuery({
		queryKey: ['point', row.vaultId, row.name],
		queryFn: () => backend.point(key),
		enabled: readable,
	});
	const namespaces = (details.data?.namespaces ?? []).filter(([name]) => name !== '').sort((a, b) => b[1] - a[1]);
	const more = namespaces.length - NAMED;
	const buttons = (
		<>
			<Button appearance="primary" disabled={!readable} onClick={onRestore}>
				Restore…
			</Button>
			<Button disabled={!readable} onClick={onOpen}>
				Open
			</Button>
			<Button disabled={undeletable(row) !== undefined} title={undeletable(row)} onClick={onDelete}>
				Delete…
			</Button>
		</>
	);
	return (
		<Pane title={row.name} onClose={onClose} footer={buttons}>
			<div style={{ display: 'grid', gap: 12 }}>
				<Facts
					facts={[
						['State', <StatusDot key="state" status={row.state} />],
						['Why', row.reason],
						['Cluster', [row.cluster || 'unknown', row.clusterVersion].filter(Boolean).join(' · ')],
						['Vault', row.vaultName],
						['Taken', row.started && <AbsoluteTime time={row.started} />],
						['Objects', readable && formatCount(row.objects)],
						['Volumes', readable && row.snapshots !== undefined && plural(row.snapshots, 'snapshot')],
						['Size', readable && `${formatBytes(row.archiveBytes)} stored, ${formatBytes(row.rawBytes)} uncompressed`],
						['Written by', row.foreign && 'Velero or Azure’s Backup extension; read-only here'],
						['Warnings', row.warnings > 0 && plural(row.warnings, 'warning')],
					]}
				/>
				{details.error && <FailureView failure={details.error} onRetry={() => details.refetch()} />}
				{details.data?.warnings.slice(0, 2).map((warning) => (
					<div key={warning.message} style={{ overflowWrap: 'anywhere' }}>
						<StatusDot status="partial" word="" /> {warning.message}
					</div>
				))}
				{namespaces.length > 0 && (
					<section>
						<h3 style={{ margin: '0 0 4px', fontSize: 13, lineHeight: '20px' }}>
							{plural(namespaces.length, 'namespace')}
						</h3>
						<Facts facts={namespaces.slice(0, NAMED).map(([name, count]) => [name, plural(count, 'object')])} />
						{more > 0 && <div>and {formatCount(more)} more</div>}
					</section>
				)}
			</div>
		</Pane>
	);
}
