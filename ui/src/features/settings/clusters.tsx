import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { AddRegular, DismissRegular } from '@fluentui/react-icons';
import { useMutation } from '@tanstack/react-query';
import { FailureView, Section, useBackend } from '@/shared';
import type { PartProps } from './settings-screen';

const useStyles = makeStyles({
	list: { margin: 0, padding: 0, listStyleType: 'none' },
	item: { display: 'flex', alignItems: 'center', gap: '8px', minHeight: '28px' },
	path: {
		flexGrow: 1,
		minWidth: 0,
		overflowWrap: 'anywhere',
		fontFamily: tokens.fontFamilyMonospace,
		fontSize: '12px',
	},
	quiet: { color: tokens.colorNeutralForeground2 },
});

/** Where contexts come from, and which sign-in commands they may run. */
export function Clusters({ settings, save }: PartProps) {
	const styles = useStyles();
	const backend = useBackend();
	const { kubeconfigFiles: files, allowedPlugins: plugins } = settings;
	const pick = useMutation({
		mutationFn: () => backend.pickFile('kubeconfig'),
		onSuccess: (path) => path && save({ kubeconfigFiles: [...new Set([...files, path])] }),
	});
	return (
		<>
			<Section title="Kubeconfig files">
				{files.length === 0 ? (
					<div className={styles.quiet}>Those of KUBECONFIG, else ~/.kube/config.</div>
				) : (
					<Paths paths={files} remove={(path) => save({ kubeconfigFiles: files.filter((each) => each !== path) })} />
				)}
				<div>
					<Button size="small" icon={<AddRegular />} onClick={() => pick.mutate()}>
						Add a file…
					</Button>
				</div>
				{pick.error && <FailureView failure={pick.error} />}
			</Section>
			<Section title="Sign-in commands">
				{plugins.length === 0 ? (
					<div className={styles.quiet}>
						No command of a kubeconfig may be run yet. You are asked when a cluster needs one.
					</div>
				) : (
					<>
						<div className={styles.quiet}>These commands of kubeconfigs may be run:</div>
						<Paths
							paths={plugins}
							remove={(path) => save({ allowedPlugins: plugins.filter((each) => each !== path) })}
						/>
					</>
				)}
			</Section>
		</>
	);
}

function Paths({ paths, remove }: { paths: string[]; remove: (path: string) => void }) {
	const styles = useStyles();
	return (
		<ul className={styles.list}>
			{paths.map((path) => (
				<li key={path} className={styles.item}>
					<span className={styles.path}>{path}</span>
					<Button
						size="small"
						appearance="subtle"
						icon={<DismissRegular />}
						aria-label={`Remove ${path}`}
						title="Remove"
						onClick={() => remove(path)}
					/>
				</li>
			))}
		</ul>
	);
}
