import { Spinner } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import type { JobRow } from '@/backend/bindings';
import { FailureView, useBackend } from '@/shared';

const HookRuns = lazy(async () => ({ default: (await import('@/features/points')).HookRuns }));

/** The commands that a restore ran in the pods that it brought up. */
export function JobHooks({ row }: { row: JobRow }) {
	const backend = useBackend();
	const hooks = useQuery({
		queryKey: ['job', row.vaultId, row.id, 'hooks', row.state],
		queryFn: () => backend.jobHooks(row.vaultId, row.id),
	});
	const waiting = <Spinner size="small" label="Reading the hooks" />;
	if (hooks.error) {
		return (
			<div style={{ padding: '0 24px' }}>
				<FailureView failure={hooks.error} onRetry={() => void hooks.refetch()} />
			</div>
		);
	}
	if (hooks.data === undefined) return waiting;
	return (
		<Suspense fallback={waiting}>
			<HookRuns hooks={hooks.data} />
		</Suspense>
	);
}
