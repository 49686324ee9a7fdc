import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import type { ClusterRow, ClusterStatus, FailureCode } from '@/backend/bindings';
import {
	ClusterFailure,
	FailureView,
	formatCount,
	Pane,
	RelativeTime,
	Section,
	StatusDot,
	UpdatedAgo,
	useClusterStatus,
} from '@/shared';
import { Facts } from '@/shared/facts';
import { protection } from './cluster-columns';
import { Rehearse } from './rehearse';

const useStyles = makeStyles({
	state: { display: 'flex', alignItems: 'center', gap: '12px', marginBottom: '12px' },
	failure: { marginBottom: '16px' },
	namespaces: {
		margin: 0,
		padding: 0,
		listStyleType: 'none',
		columnWidth: '160px',
		columnGap: '16px',
		fontFamily: tokens.fontFamilyMonospace,
		fontSize: '12px',
		lineHeight: '20px',
		'& li': { overflow: 'hidden', textOverflow: 'ellipsis' },
	},
	quiet: { color: tokens.colorNeutralForeground3 },
	link: { color: tokens.colorBrandForegroundLink },
});

/** Clusters that answer, but not to us. */
const REFUSED: { [code in FailureCode]?: string } = {
	pluginNotAllowed: 'Not signed in',
	clusterUnauthorized: 'Not signed in',
	clusterForbidden: 'No access',
};

interface ClusterPaneProps {
	cluster: ClusterRow;
	onClose: () => void;
	onBackUp: () => void;
}

/** Whether a cluster can be worked with, and what is known of it. */
export function ClusterPane({ cluster, onClose, onBackUp }: ClusterPaneProps) {
	const styles = useStyles();
	const query = useClusterStatus(cluster.id);
	const status = query.data;
	const check = () => void query.refetch();
	const word = query.isFetching ? 'checking' : status?.reachable ? 'reachable' : 'unreachable';
	const why = status?.failure && REFUSED[status.failure.code];
	const last = cluster.lastBackup;
	return (
		<Pane
			title={cluster.name}
			onClose={onClose}
			footer={
				<>
					<Button appearance="primary" onClick={onBackUp}>
						Back up now…
					</Button>
					<Link to="/restore" search={{ cluster: cluster.id }}>
						<Button tabIndex={-1}>Restore into it…</Button>
					</Link>
				</>
			}
		>
			<div className={styles.state}>
				<StatusDot status={word} {...(why && word === 'unreachable' ? { word: why } : {})} />
				{status && !query.isFetching && (
					<>
						<UpdatedAgo time={status.asOf} />
						<Button size="small" appearance="subtle" onClick={check}>
							Check again
						</Button>
					</>
				)}
			</div>
			{query.error && <FailureView failure={query.error} onRetry={check} />}
			{status?.failure && (
				<div className={styles.failure}>
					<ClusterFailure failure={status.failure} onRetry={check} />
				</div>
			)}
			<Section title="Cluster">
				<Facts
					facts={[
						['Protection', <StatusDot key="protection" status={protection(cluster)} />],
						['Last recovery point', last && <LastPoint key="last" last={last} />],
						['Version', status?.version],
						['API server', cluster.server ?? 'in this program'],
						['Context', cluster.kind === 'context' && `${cluster.id}${cluster.current ? ' (current)' : ''}`],
						['Answers in', status?.reachable && `${status.latencyMs || 'under 1'} ms`],
					]}
				/>
			</Section>
			{status?.reachable && <Namespaces status={status} />}
			{cluster.kind === 'sandbox' && status?.reachable && <Rehearse cluster={cluster} namespaces={ownNames(status)} />}
		</Pane>
	);
}

function LastPoint({ last }: { last: NonNullable<ClusterRow['lastBackup']> }) {
	const styles = useStyles();
	return (
		<>
			<Link to="/points/$vault/$point" params={{ vault: last.vaultId, point: last.point }} className={styles.link}>
				{last.point}
			</Link>
			, <RelativeTime time={last.time} />
		</>
	);
}

const ownNames = (status: ClusterStatus) =>
	status.namespaces.filter((each) => !each.alwaysSkipped).map((each) => each.name);

function Namespaces({ status }: { status: ClusterStatus }) {
	const styles = useStyles();
	const own = status.namespaces.filter((namespace) => !namespace.alwaysSkipped);
	const skipped = status.namespaces.filter((namespace) => namespace.alwaysSkipped);
	return (
		<Section title="Namespaces" note={formatCount(own.length)}>
			<ul className={styles.namespaces}>
				{own.map(({ name, phase }) => (
					<li key={name} title={name}>
						{name}
						{phase !== 'Active' && <span className={styles.quiet}> {phase}</span>}
					</li>
				))}
			</ul>
			{skipped.length > 0 && (
				<div className={styles.quiet} style={{ fontSize: 12 }}>
					Never backed up: {skipped.map(({ name }) => name).join(', ')}
				</div>
			)}
		</Section>
	);
}
