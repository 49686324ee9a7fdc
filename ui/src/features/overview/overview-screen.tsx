import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Overview } from '@/backend/bindings';
import { CLUSTER_COLUMNS } from '@/features/clusters/cluster-columns';
import { JOB_COLUMNS } from '@/features/jobs/job-columns';
import { EmptyState, FailureView, plural, Screen, Section, UpdatedAgo, useBackend } from '@/shared';
import { DataTable } from '@/shared/table';
import { AttentionList } from './attention-list';
import { WeekStrip } from './week-strip';

const useStyles = makeStyles({
	content: { padding: '8px 24px 24px', minWidth: 0 },
	link: { color: tokens.colorBrandForegroundLink, textDecoration: 'none', ':hover': { textDecoration: 'underline' } },
	first: {
		display: 'flex',
		flexWrap: 'wrap',
		alignItems: 'center',
		gap: '8px 24px',
		padding: '16px',
		marginBottom: '24px',
		border: `1px solid ${tokens.colorNeutralStroke2}`,
		borderRadius: '4px',
		'& p': { margin: 0, flexGrow: 1 },
	},
});

/** Vaults are told apart elsewhere; names need the room. */
const COLUMNS = JOB_COLUMNS.filter(({ id }) => id !== 'vault');

/** Whether everything is well, and what to do where it is not. */
export function OverviewScreen() {
	const styles = useStyles();
	const navigate = useNavigate();
	const backend = useBackend();
	const query = useQuery({ queryKey: ['overview'], queryFn: () => backend.overview() });
	const overview = query.data;
	return (
		<Screen
			title="Overview"
			scroll
			lead={overview ? <Answer overview={overview} /> : ''}
			actions={
				overview && (
					<>
						{overview.points > 0 && <WeekStrip days={overview.days} />}
						<UpdatedAgo time={overview.asOf} />
					</>
				)
			}
		>
			<div className={styles.content}>
				{query.error && <FailureView failure={query.error} onRetry={() => void query.refetch()} />}
				{overview && overview.points === 0 && <FirstStep overview={overview} />}
				{overview && mayRehearse(overview) && <SecondStep />}
				{overview && overview.attention.length > 0 && (
					<Section title="Needs attention">
						<AttentionList items={overview.attention} />
					</Section>
				)}
				{(query.isPending || (overview && overview.jobs.length > 0)) && (
					<Section
						title="Recent jobs"
						actions={
							<Link to="/jobs" className={styles.link}>
								All jobs
							</Link>
						}
					>
						<DataTable
							inline
							label="Recent jobs"
							columns={COLUMNS}
							rowKey={(job) => `${job.vaultId}/${job.id}`}
							source={{ kind: 'all', rows: overview?.jobs ?? [] }}
							loading={query.isPending}
							onActivate={(job) => void navigate({ to: '/jobs', search: { vault: job.vaultId, job: job.id } })}
							empty={null}
						/>
					</Section>
				)}
				{(query.isPending || overview) && (
					<Section
						title="Clusters"
						actions={
							<Link to="/clusters" className={styles.link}>
								All clusters
							</Link>
						}
					>
						<DataTable
							inline
							label="Clusters"
							columns={CLUSTER_COLUMNS}
							rowKey={(cluster) => cluster.id}
							source={{ kind: 'all', rows: overview?.clusters ?? [] }}
							loading={query.isPending}
							onActivate={(cluster) => void navigate({ to: '/clusters/$id', params: { id: cluster.id } })}
							empty={<EmptyState title="No cluster found">Choose kubeconfig files in Settings.</EmptyState>}
						/>
					</Section>
				)}
			</div>
		</Screen>
	);
}

/** The sentence that a person came for; its numbers lead to what they count. */
function Answer({ overview }: { overview: Overview }) {
	const styles = useStyles();
	const { clusters, points, vaults } = overview;
	const without = clusters.length - overview.protected;
	if (points === 0) return <>No recovery point yet.</>;
	return (
		<>
			<Link to="/clusters" className={styles.link}>
				{overview.protected} of {plural(clusters.length, 'cluster')}
			</Link>{' '}
			{overview.protected === 1 ? 'has' : 'have'} a recovery point
			{without > 0 && `, ${without} ${without === 1 ? 'has' : 'have'} none`}.{' '}
			<Link to="/points" className={styles.link}>
				{plural(points, 'recovery point')}
			</Link>{' '}
			in{' '}
			<Link to="/vaults" className={styles.link}>
				{plural(vaults, 'vault')}
			</Link>
			.
		</>
	);
}

/** At the first start there is one thing to do. */
function FirstStep({ overview }: { overview: Overview }) {
	const styles = useStyles();
	const navigate = useNavigate();
	const cluster = overview.clusters.find((each) => each.current) ?? overview.clusters[0];
	if (!cluster) return null;
	return (
		<div className={styles.first}>
			<p>{cluster.name} is ready. Take its first recovery point.</p>
			<Button
				appearance="primary"
				onClick={() => void navigate({ to: '/clusters/$id', params: { id: cluster.id }, search: { do: 'backup' } })}
			>
				Back up now
			</Button>
		</div>
	);
}

/** Whether the next thing to do is to see that a restore works: only the sandbox was backed up, and nothing restored. */
function mayRehearse({ clusters, jobs, points }: Overview): boolean {
	const backedUp = clusters.filter((cluster) => cluster.points > 0);
	return points > 0 && backedUp.every(({ kind }) => kind === 'sandbox') && !jobs.some(({ kind }) => kind === 'restore');
}

function SecondStep() {
	const styles = useStyles();
	const navigate = useNavigate();
	return (
		<div className={styles.first}>
			<p>The sandbox has a recovery point. Break something in it, and bring it back.</p>
			<Button appearance="primary" onClick={() => void navigate({ to: '/clusters/$id', params: { id: 'sandbox' } })}>
				Try a restore
			</Button>
		</div>
	);
}
