import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ClusterRow } from '@/backend/bindings';
import { EmptyState, FailureView, FilterBox, plural, Screen, useClusters, useHotkey } from '@/shared';
import { DataTable } from '@/shared/table';
import { BackupPane } from './backup/backup-pane';
import { CLUSTER_COLUMNS_NARROW, CLUSTER_COLUMNS_WIDE } from './cluster-columns';
import { ClusterPane } from './cluster-pane';

function lead(clusters: ClusterRow[]): string {
	const without = clusters.filter((cluster) => cluster.points === 0).length;
	const all = plural(clusters.length, 'cluster');
	if (without === 0) return `${all}, all with a recovery point.`;
	return `${all}, ${without} without a recovery point.`;
}

/** All clusters, with the status or the backup of the chosen one beside them. */
export function ClustersScreen() {
	const navigate = useNavigate();
	const { id } = useParams({ strict: false });
	const backingUp = useSearch({ strict: false }).do === 'backup';
	const clusters = useClusters();
	const [text, setText] = useState('');

	const all = clusters.data ?? [];
	const found = all.filter((cluster) =>
		`${cluster.name} ${cluster.server ?? ''}`.toLowerCase().includes(text.toLowerCase()),
	);
	const chosen = all.find((cluster) => cluster.id === id);
	const show = (cluster: ClusterRow) =>
		void navigate({ to: '/clusters/$id', params: { id: cluster.id }, replace: chosen !== undefined });
	const backUp = (cluster: ClusterRow) =>
		void navigate({ to: '/clusters/$id', params: { id: cluster.id }, search: { do: 'backup' } });
	const close = () => void navigate({ to: '/clusters' });
	useHotkey('b', 'Back up the chosen cluster', () => {
		const cluster = chosen ?? all.find((each) => each.current) ?? all[0];
		if (cluster) backUp(cluster);
	});

	let pane = null;
	if (chosen && backingUp)
		pane = <BackupPane key={chosen.id} cluster={chosen} onClose={() => show(chosen)} onStarted={close} />;
	else if (chosen) pane = <ClusterPane cluster={chosen} onClose={close} onBackUp={() => backUp(chosen)} />;
	return (
		<Screen title="Clusters" lead={clusters.data ? lead(all) : ''} pane={pane}>
			{clusters.error && (
				<div style={{ padding: '0 24px 12px' }}>
					<FailureView failure={clusters.error} onRetry={() => void clusters.refetch()} />
				</div>
			)}
			{(!clusters.error || clusters.data) && (
				<DataTable
					label="Clusters"
					columns={chosen ? CLUSTER_COLUMNS_NARROW : CLUSTER_COLUMNS_WIDE}
					allColumns={CLUSTER_COLUMNS_WIDE}
					menu="clusters"
					rowKey={(cluster) => cluster.id}
					source={{ kind: 'all', rows: found }}
					loading={clusters.isPending}
					activeKey={chosen?.id}
					onActivate={show}
					rowActions={(cluster) => [
						{ label: 'Back up now…', run: () => backUp(cluster) },
						{
							label: 'Restore into it…',
							run: () => void navigate({ to: '/restore', search: { cluster: cluster.id } }),
						},
					]}
					empty={<EmptyState title={text ? 'No cluster matches the filter' : 'No cluster found'} />}
					toolbar={
						<FilterBox label="Filter clusters" placeholder="Name or API server" value={text} onChange={setText} />
					}
				/>
			)}
		</Screen>
	);
}
