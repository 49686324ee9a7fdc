import { useMutation } from '@tanstack/react-query';
import type { PointRow } from '@/backend/bindings';
import { ConfirmByName, FailureView, formatBytes, plural, useBackend } from '@/shared';

/** Why this point cannot be deleted here, if so. */
export function undeletable(row: PointRow): string | undefined {
	return row.foreign ? 'Another program wrote it; it is only read here.' : undefined;
}

/** `Its 4 volume snapshots are`. */
function snapshotWords(snapshots: number): string {
	return `Its ${plural(snapshots, 'volume snapshot')} ${snapshots === 1 ? 'is' : 'are'}`;
}

/** Asks for the name of the point, then starts the job that deletes it. */
export function DeletePoint({
	row,
	onClose,
	onStarted,
}: {
	row: PointRow;
	onClose: () => void;
	onStarted: () => void;
}) {
	const backend = useBackend();
	const start = useMutation({
		mutationFn: () => backend.deletePoint({ vaultId: row.vaultId, point: row.name }),
		onSuccess: onStarted,
	});
	const holds =
		row.state === 'unreadable'
			? 'What is left of it'
			: `${plural(row.objects, 'object')}, ${formatBytes(row.archiveBytes)},`;
	return (
		<ConfirmByName
			title="Delete recovery point?"
			name={row.name}
			action="Delete recovery point"
			onConfirm={() => start.mutate()}
			onClose={onClose}
		>
			{holds} will be deleted from vault {row.vaultName}. This cannot be undone.{' '}
			{row.snapshots
				? `${snapshotWords(row.snapshots)} deleted through cluster ${row.cluster}. Nothing else in it is touched.`
				: 'The cluster is not touched.'}
			{start.error && <FailureView failure={start.error} onRetry={() => start.mutate()} />}
		</ConfirmByName>
	);
}
