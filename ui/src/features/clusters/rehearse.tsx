import { Button, Dropdown, Field, makeStyles, Option, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ClusterRow, Rehearsal } from '@/backend/bindings';
import { FailureView, plural, Section, useBackend } from '@/shared';

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', justifyItems: 'start' },
	buttons: { display: 'flex', flexWrap: 'wrap', gap: '8px' },
	link: { color: tokens.colorBrandForegroundLink },
});

/** The namespace that a first loss is most telling in. */
const TELLING = 'shop';

/** What was done, in words. */
function done(what: Rehearsal, namespace: string, objects: number): string {
	if (what === 'reset') return 'The sandbox is as it was at first.';
	if (what === 'lose') return `Namespace ${namespace} is gone, and ${plural(objects, 'object')} with it.`;
	return `${plural(objects, 'Deployment')} of ${namespace} now run no pod.`;
}

/** Breaking the sandbox on purpose: nothing in it is real, and whoever has restored once can do it at night. */
export function Rehearse({ cluster, namespaces }: { cluster: ClusterRow; namespaces: string[] }) {
	const styles = useStyles();
	const backend = useBackend();
	const client = useQueryClient();
	const [chosen, setChosen] = useState<string>();
	const namespace = chosen ?? (namespaces.includes(TELLING) ? TELLING : namespaces[0]) ?? '';
	const act = useMutation({
		mutationFn: async (what: Rehearsal) => done(what, namespace, await backend.rehearse(what, namespace)),
		onSuccess: () => client.invalidateQueries({ queryKey: ['cluster-status'] }),
	});
	const last = cluster.lastBackup;
	const search = { cluster: cluster.id, ...(last && { vault: last.vaultId, point: last.point }) };
	const missing = !namespaces.includes(namespace);
	return (
		<Section title="Try a restore">
			<div className={styles.root}>
				<span>Nothing in here is real: break it, then bring it back from a recovery point.</span>
				<Field label="Namespace">
					<Dropdown
						size="small"
						value={namespace}
						selectedOptions={[namespace]}
						onOptionSelect={(_, data) => setChosen(data.optionValue)}
					>
						{namespaces.map((name) => (
							<Option key={name}>{name}</Option>
						))}
					</Dropdown>
				</Field>
				<div className={styles.buttons}>
					<Button size="small" disabled={missing || act.isPending} onClick={() => act.mutate('lose')}>
						Delete the namespace
					</Button>
					<Button size="small" disabled={missing || act.isPending} onClick={() => act.mutate('drift')}>
						Scale its Deployments to 0
					</Button>
					<Button size="small" disabled={act.isPending} onClick={() => act.mutate('reset')}>
						Make all as it was
					</Button>
				</div>
				{act.error && <FailureView failure={act.error} />}
				{act.data && (
					<span role="status">
						{act.data}{' '}
						<Link to="/restore" search={search} className={styles.link}>
							Restore…
						</Link>
					</span>
				)}
			</div>
		</Section>
	);
}
