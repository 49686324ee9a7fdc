import { useMutation } from '@tanstack/react-query';
import type { PointRow } from '@/backend/bindings';
import { ConfirmByName, FailureView, formatBytes, plural, useBackend } from '@/shared';

/** Why this point cannot be deleted here, if so. */
export function undeletable(row: PointRow): string | undefined {
	return row.foreign ? 'Another program wrote it; it is only read here.' : undefined;
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
			{holds} will be deleted from vault {row.vaultName}. This cannot be undone. The cluster is not touched.
			{start.error && <FailureView failure={start.error} onRetry={() => start.mutate()} />}
		</ConfirmByName>
	);
}
