import { Combobox, Field, Option } from '@fluentui/react-components';
import { useState } from 'react';
import type { PointKey } from '@/backend/bindings';
import { FailureView, formatRelative, plural, StatusDot, useNow, usePoints } from '@/shared';

const SHOWN = 100;

/** Which recovery point to restore from: those that can be read, newest first. */
export function PointPick({ point, onChange }: { point: PointKey | undefined; onChange: (point: PointKey) => void }) {
	const now = useNow();
	const [typed, setTyped] = useState<string>();
	const list = usePoints();
	const words = (typed ?? '').trim().toLowerCase();
	const found = (list.data?.points ?? []).filter(
		(row) => row.state !== 'unreadable' && `${row.name} ${row.cluster} ${row.vaultName}`.toLowerCase().includes(words),
	);
	if (list.error) return <FailureView failure={list.error} onRetry={() => list.refetch()} />;
	return (
		<Field label="Recovery point">
			<Combobox
				placeholder="Choose a recovery point"
				value={typed ?? point?.point ?? ''}
				selectedOptions={point ? [`${point.vaultId}/${point.point}`] : []}
				onChange={(event) => setTyped(event.target.value)}
				onOptionSelect={(_, data) => {
					const row = found.find((each) => `${each.vaultId}/${each.name}` === data.optionValue);
					if (row) onChange({ vaultId: row.vaultId, point: row.name });
					setTyped(undefined);
				}}
				onBlur={() => setTyped(undefined)}
			>
				{found.slice(0, SHOWN).map((row) => (
					<Option key={`${row.vaultId}/${row.name}`} value={`${row.vaultId}/${row.name}`} text={row.name}>
						<StatusDot status={row.state} word="" />
						<span style={{ overflowWrap: 'anywhere' }}>
							{row.name}
							<span style={{ color: 'var(--colorNeutralForeground3)' }}>
								{' '}
								{row.cluster || 'unknown cluster'}, {row.started ? formatRelative(row.started, now) : 'unknown time'},{' '}
								{plural(row.objects, 'object')}
							</span>
						</span>
					</Option>
				))}
			</Combobox>
		</Field>
	);
}
