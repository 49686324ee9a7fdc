import { Button } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useBackend } from './backend-context';
import { asFailure } from './failure';
import { FailureView } from './failure-view';

/**
 * A failure of a call to a cluster. Where the kubeconfig's sign-in command was never allowed, its details are that
 * command, and this is where a person allows it.
 */
export function ClusterFailure({ failure, onRetry }: { failure: unknown; onRetry: () => void }) {
	const backend = useBackend();
	const client = useQueryClient();
	const { code, details } = asFailure(failure);
	const allow = useMutation({
		mutationFn: (command: string) => backend.allowPlugin(command),
		onSuccess: async () => {
			await client.invalidateQueries({ queryKey: ['cluster-status'] });
			onRetry();
		},
	});
	if (code !== 'pluginNotAllowed' || !details) return <FailureView failure={failure} onRetry={onRetry} />;
	return (
		<>
			<FailureView
				failure={failure}
				actions={
					<Button size="small" appearance="primary" disabled={allow.isPending} onClick={() => allow.mutate(details)}>
						Allow {details.split(/[/\\]/).at(-1)} to run
					</Button>
				}
			/>
			{allow.error && <FailureView failure={allow.error} />}
		</>
	);
}
