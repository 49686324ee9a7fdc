import { Button } from '@fluentui/react-components';
import { useState } from 'react';
import type { PointVolumes, VolumeRow } from '@/backend/bindings';
import { EmptyState, FilterBox } from '@/shared';
import { FilterPills } from '@/shared/filter-pills';
import { DataTable } from '@/shared/table';
import { useMediaQuery } from '@/shared/use-media-query';
import { BESIDE_VOLUME_COLUMNS, VOLUME_COLUMNS } from './volume-columns';
import { VolumePane } from './volume-pane';
import { claimKey, STATUSES, type VolumeStatus, volumeStatus } from './words';

function hasWords(row: VolumeRow, text: string): boolean {
	const snapshot = row.snapshot?.handle ?? '';
	const all = [claimKey(row), row.storageClass, row.driver, row.volume, snapshot, row.reason, ...row.pods];
	const joined = all.join(' ').toLowerCase();
	return text
		.toLowerCase()
		.split(/\s+/)
		.every((word) => joined.includes(word));
}

interface ClaimsProps {
	volumes: PointVolumes;
	/** The claim whose pane is open. */
	claim: string | undefined;
	onClaim: (claim: string | undefined) => void;
}

/** The claims of a point, what became of the data of each, and all that is known of one. */
export function Claims({ volumes: { volumes, holds }, claim, onClaim }: ClaimsProps) {
	const [text, setText] = useState('');
	const [statuses, setStatuses] = useState<VolumeStatus[]>([]);
	const wide = useMediaQuery('(min-width: 1700px)');
	const worded = volumes.filter((row) => hasWords(row, text));
	const shown = worded.filter((row) => statuses.length === 0 || statuses.includes(volumeStatus(row)));
	const open = volumes.find((row) => claimKey(row) === claim);
	const close = () => onClaim(undefined);
	return (
		<div style={{ display: 'flex', flexGrow: 1, minHeight: 0, minWidth: 0 }}>
			<DataTable
				label="Claims"
				columns={open && !wide ? BESIDE_VOLUME_COLUMNS : VOLUME_COLUMNS}
				allColumns={VOLUME_COLUMNS}
				menu="volumes"
				rowKey={claimKey}
				source={{ kind: 'all', rows: shown }}
				sort={{ column: 'state', descending: false }}
				activeKey={open && claim}
				onActivate={(row) => onClaim(claimKey(row))}
				onDeactivate={close}
				empty={
					<EmptyState
						title="No claim matches"
						actions={<Button onClick={() => [setText(''), setStatuses([])]}>Clear the filter</Button>}
					/>
				}
				toolbar={
					<>
						<FilterBox
							label="Filter claims"
							placeholder="Claim, class, driver or pod"
							value={text}
							onChange={setText}
						/>
						<FilterPills
							label="State"
							counts={STATUSES.map((each) => [each, worded.filter((row) => volumeStatus(row) === each).length])}
							selected={statuses}
							onChange={setStatuses}
						/>
					</>
				}
			/>
			{open && <VolumePane row={open} holds={holds} onClose={close} />}
		</div>
	);
}
