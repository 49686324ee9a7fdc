import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { SaveRegular } from '@fluentui/react-icons';
import { useMutation } from '@tanstack/react-query';
import { Command, CopyButton, FailureView, Section, useBackend } from '@/shared';

const useStyles = makeStyles({
	row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px' },
	steps: { display: 'grid', gap: '6px', margin: 0, paddingLeft: '20px' },
	saved: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
});

/** The words of a path that a shell leaves as they are. */
const PLAIN = /^[\w./:\\-]+$/;

const quoted = (path: string): string => (PLAIN.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

interface ApplyHooksProps {
	text: string;
	/** The first object of the text, as `namespace/name`. */
	name: string | undefined;
	/** Whether nothing is wrong with the text. */
	valid: boolean;
}

/** How what is written gets into a cluster: copied or saved, and applied by kubectl. */
export function ApplyHooks({ text, name, valid }: ApplyHooksProps) {
	const styles = useStyles();
	const backend = useBackend();
	const save = useMutation({
		mutationFn: () => backend.saveText(`${name?.split('/').at(-1) ?? 'hooks'}-hook.yaml`, text),
	});
	return (
		<Section title="Into the cluster">
			<div className={styles.row}>
				<CopyButton text={text} label="Copy the hooks" words="Copy" />
				<Button
					size="small"
					icon={<SaveRegular />}
					disabled={text.trim() === '' || save.isPending}
					onClick={() => save.mutate()}
				>
					Save as a file…
				</Button>
				{save.data && (
					<span role="status" className={styles.saved}>
						Written to {save.data}
					</span>
				)}
				{!valid && text.trim() !== '' && <span className={styles.saved}>It is not valid yet.</span>}
			</div>
			{save.error && <FailureView failure={save.error} />}
			<ol className={styles.steps}>
				<li>
					Once for each cluster without AKS backup’s extension, install the definitions of the hooks:
					<Command text="holdfast extension crds | kubectl apply -f -" />
				</li>
				<li>
					Put the hooks into the cluster:
					<Command text={`kubectl apply -f ${quoted(save.data ?? 'hooks.yaml')}`} />
				</li>
			</ol>
		</Section>
	);
}
