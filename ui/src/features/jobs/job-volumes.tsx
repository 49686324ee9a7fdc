import { Button, Spinner } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import type { JobRow } from '@/backend/bindings';
import { EmptyState, FailureView, useBackend } from '@/shared';

const VolumesView = lazy(async () => ({ default: (await import('@/features/points')).VolumesView }));

interface JobVolumesProps {
	row: JobRow;
	onLog: () => void;
}

/** What a backup did about volumes, as the recovery point that it made has it. */
export function JobVolumes({ row, onLog }: JobVolumesProps) {
	const backend = useBackend();
	const [claim, setClaim] = useState<string>();
	const volumes = useQuery({
		queryKey: ['job', row.vaultId, row.id, 'volumes', row.state],
		queryFn: () => backend.jobVolumes(row.vaultId, row.id),
	});
	const waiting = <Spinner size="small" label="Reading the volumes" />;
	if (volumes.error) {
		return (
			<div style={{ padding: '0 24px' }}>
				<FailureView failure={volumes.error} onRetry={() => void volumes.refetch()} />
			</div>
		);
	}
	if (volumes.data === undefined) return waiting;
	if (volumes.data === null) {
		return (
			<div style={{ paddingLeft: 8 }}>
				<EmptyState
					title={row.state === 'running' ? 'Not told yet' : 'Its recovery point is not there'}
					actions={<Button onClick={onLog}>Show the log</Button>}
				>
					{row.state === 'running'
						? 'What became of each volume is told once the recovery point is written. The log says what is being done.'
						: 'What became of each volume is kept in the recovery point. What is left of it is in the log, with the hooks that ran.'}
				</EmptyState>
			</div>
		);
	}
	return (
		<Suspense fallback={waiting}>
			<VolumesView volumes={volumes.data} claim={claim} onClaim={setClaim} />
		</Suspense>
	);
}
