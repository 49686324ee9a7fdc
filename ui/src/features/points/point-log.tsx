import { Spinner } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { PointKey } from '@/backend/bindings';
import { CopyButton, EmptyState, FailureView, useBackend } from '@/shared';
import { YamlView } from '@/shared/code';

/** The log of the backup that made the point. */
export function PointLog({ point }: { point: PointKey }) {
	const backend = useBackend();
	const log = useQuery({
		queryKey: ['point', point.vaultId, point.point, 'log'],
		queryFn: () => backend.pointLog(point),
	});
	if (log.error) {
		return (
			<div style={{ padding: '0 24px' }}>
				<FailureView failure={log.error} onRetry={() => log.refetch()} />
			</div>
		);
	}
	if (log.data === undefined) return <Spinner size="small" label="Reading the log" style={{ padding: 24 }} />;
	if (log.data === '') return <EmptyState title="No log">Nothing was logged with this recovery point.</EmptyState>;
	return (
		<div style={{ display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0 }}>
			<div style={{ padding: '0 16px' }}>
				<CopyButton text={log.data} label="Copy the log" words="Copy" />
			</div>
			<YamlView text={log.data} label="Log" wrap plain />
		</div>
	);
}
