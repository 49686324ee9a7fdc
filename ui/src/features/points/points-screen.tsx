import { Button } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { PointRow, PointState } from '@/backend/bindings';
import { EmptyState, FailureView, FilterBox, Screen, usePoints, useVaults } from '@/shared';
import { FilterPills } from '@/shared/filter-pills';
import { DataTable, type RowAction } from '@/shared/table';
import { useMediaQuery } from '@/shared/use-media-query';
import { BESIDE_POINT_COLUMNS, POINT_COLUMNS, pointKey } from './columns';
import { DeletePoint, undeletable } from './delete-point';
import { PointPane } from './point-pane';
import { PointsLead } from './points-lead';
import { VaultFailures } from './vault-failures';

const STATES: PointState[] = ['completed', 'partial', 'unreadable'];

function hasWords(row: PointRow, text: string): boolean {
	const all = [row.name, row.cluster, row.vaultName, row.state].join(' ').toLowerCase();
	return text
		.toLowerCase()
		.split(/\s+/)
		.every((word) => all.includes(word));
}

/** The recovery points of all vaults. */
export function PointsScreen() {
	const navigate = useNavigate();
	const [text, setText] = useState('');
	const [states, setStates] = useState<PointState[]>([]);
	const [active, setActive] = useState<string>();
	const [deleting, setDeleting] = useState<PointRow>();
	const wide = useMediaQuery('(min-width: 1700px)');
	const list = usePoints();
	const failed = (list.data?.failures.length ?? 0) > 0;
	const vaults = useVaults();

	const points = list.data?.points ?? [];
	const worded = points.filter((row) => hasWords(row, text));
	const shown = worded.filter((row) => states.length === 0 || states.includes(row.state));
	const selected = points.find((row) => pointKey(row) === active);

	const open = (row: PointRow) => {
		if (row.state === 'unreadable') return setActive(pointKey(row));
		return void navigate({ to: '/points/$vault/$point', params: { vault: row.vaultId, point: row.name } });
	};
	const restore = (row: PointRow) => void navigate({ to: '/restore', search: { vault: row.vaultId, point: row.name } });
	const actions = (row: PointRow): RowAction[] => {
		const disabled = row.state === 'unreadable';
		return [
			{ label: 'Restore…', run: () => restore(row), disabled },
			{ label: 'Open', run: () => open(row), disabled },
			{ label: 'Delete…', run: () => setDeleting(row), disabled: undeletable(row) !== undefined },
		];
	};

	const nothing =
		points.length > 0 ? (
			<EmptyState
				title="No recovery point matches"
				actions={<Button onClick={() => [setText(''), setStates([])]}>Clear the filter</Button>}
			/>
		) : failed ? null : (
			<EmptyState
				title="No recovery point yet"
				actions={
					<Button appearance="primary" onClick={() => navigate({ to: '/clusters' })}>
						Choose a cluster to back up
					</Button>
				}
			>
				A recovery point is the state of a cluster at one moment: its objects, to look into and to restore from.
			</EmptyState>
		);

	const pane = selected && (
		<PointPane
			row={selected}
			onOpen={() => open(selected)}
			onRestore={() => restore(selected)}
			onDelete={() => setDeleting(selected)}
			onClose={() => setActive(undefined)}
		/>
	);
	return (
		<Screen title="Recovery points" lead={points.length > 0 ? <PointsLead points={points} /> : ''} pane={pane}>
			<VaultFailures failures={list.data?.failures ?? []} vaults={vaults.data ?? []} />
			{list.error ? (
				<div style={{ padding: '0 24px' }}>
					<FailureView failure={list.error} onRetry={() => list.refetch()} />
				</div>
			) : (
				<DataTable
					label="Recovery points"
					columns={selected && !wide ? BESIDE_POINT_COLUMNS : POINT_COLUMNS}
					allColumns={POINT_COLUMNS}
					menu="recovery-points"
					asOf={list.data?.asOf}
					rowKey={pointKey}
					source={{ kind: 'all', rows: shown }}
					loading={list.isPending}
					sort={{ column: 'started', descending: true }}
					activeKey={active}
					onActivate={(row) => setActive(pointKey(row))}
					onDeactivate={() => setActive(undefined)}
					onOpen={open}
					rowActions={actions}
					empty={nothing}
					toolbar={
						points.length > 0 && (
							<>
								<FilterBox
									label="Filter recovery points"
									placeholder="Name, cluster or vault"
									value={text}
									onChange={setText}
								/>
								<FilterPills
									label="State"
									counts={STATES.map((state) => [state, worded.filter((row) => row.state === state).length])}
									selected={states}
									onChange={setStates}
								/>
							</>
						)
					}
				/>
			)}
			{deleting && (
				<DeletePoint
					row={deleting}
					onClose={() => setDeleting(undefined)}
					onStarted={() => [setDeleting(undefined), setActive(undefined)]}
				/>
			)}
		</Screen>
	);
}
