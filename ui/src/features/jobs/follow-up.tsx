import { Button } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { JobRow, JobState } from '@/backend/bindings';
import { useGoOn } from '@/features/restore/go-on';
import { asFailure, ClusterFailure, newRequestId, useBackend, useRequestProgress } from '@/shared';
import { ProgressLine } from '@/shared/progress-line';

/** Restores that left something to do, and what doing it is called. */
const RETRY: { [state in JobState]?: string } = {
	partial: 'Retry what failed',
	failed: 'Retry what failed',
	cancelled: 'Go on',
	interrupted: 'Go on',
};

/** What can be done about a restore that ended: buttons, and how far they are. */
export function useFollowUp(row: JobRow | undefined, onUndo: () => void) {
	const backend = useBackend();
	const goOn = useGoOn();
	const [requestId, setRequestId] = useState<string>();
	const progress = useRequestProgress(requestId);
	const shown = useRef(true);
	useEffect(() => {
		shown.current = true;
		return () => {
			shown.current = false;
		};
	}, []);
	const retry = useMutation({
		mutationFn: ({ vaultId, id }: JobRow) => {
			const request = newRequestId();
			setRequestId(request);
			return backend.planRetry(vaultId, id, request);
		},
		onSuccess: (summary, { vaultId, id }) => {
			// A person who went elsewhere meanwhile is not brought back.
			if (shown.current) goOn(summary, { vaultId, jobId: id });
		},
	});
	if (row?.kind !== 'restore' || row.state === 'running') return {};
	const label = RETRY[row.state];
	const failed = retry.error && asFailure(retry.error).code !== 'cancelled';
	return {
		actions: (
			<>
				{label && (
					<Button
						disabled={retry.isPending}
						title="Plans what is left of it; nothing is written before you have seen the plan"
						onClick={() => retry.mutate(row)}
					>
						{label}
					</Button>
				)}
				<Button title="Shows first what it would delete and put back" onClick={onUndo}>
					Undo…
				</Button>
			</>
		),
		notes: (retry.isPending || failed) && (
			<div style={{ padding: '0 24px 8px' }}>
				{retry.isPending && (
					<ProgressLine
						label="Planning"
						progress={progress}
						onCancel={() => requestId && void backend.cancelRequest(requestId)}
					/>
				)}
				{failed && <ClusterFailure failure={retry.error} onRetry={() => retry.mutate(row)} />}
			</div>
		),
	};
}
