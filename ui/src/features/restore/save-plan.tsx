import { Button } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { FailureView, useBackend } from '@/shared';
import type { Planned } from './use-plan';

/** Writes the plan as a file, to look through, to pass around, and to open again. */
export function SavePlan({ planned: { request, summary } }: { planned: Planned }) {
	const backend = useBackend();
	const save = useMutation({
		mutationFn: async () => backend.saveText(`${request.point.point}-plan.json`, await backend.planText(summary.id)),
	});
	return (
		<>
			{save.data && <span role="status">Saved as {save.data}</span>}
			{save.error && <FailureView failure={save.error} />}
			<Button
				size="small"
				title="Writes all entries as JSON; values of Secrets are masked"
				disabled={save.isPending}
				onClick={() => save.mutate()}
			>
				Save plan…
			</Button>
		</>
	);
}
