import { makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import type { JobDetails, Outcome } from '@/backend/bindings';
import { AbsoluteTime, FailureView, formatCount, plural, Section, StatusDot, statusWord, useNow } from '@/shared';
import { Facts } from '@/shared/facts';
import { progressWords } from '@/shared/progress-line';
import { JobWarnings } from './job-warnings';
import { hasPoint, jobDuration } from './job-words';
import { Phases } from './phases';

const useStyles = makeStyles({
	progress: { display: 'grid', gap: '6px', marginBottom: '16px', fontVariantNumeric: 'tabular-nums' },
	outcomes: { display: 'flex', flexWrap: 'wrap', gap: '4px 16px', fontSize: '13px' },
	failure: { marginBottom: '16px' },
	link: { color: tokens.colorBrandForegroundLink },
});

/** What went wrong first; what has not happened yet is no outcome. */
const ORDER: Outcome[] = [
	'failed',
	'blocked',
	'deleted',
	'recreated',
	'created',
	'patched',
	'skipped',
	'identical',
	'derived',
];

/** How far a job is or how it ended, its phases, and what went wrong. */
export function JobSummary({ job }: { job: JobDetails }) {
	const styles = useStyles();
	const now = useNow();
	const { row, phases, warnings, outcomes, failure, origin } = job;
	const { progress } = row;
	const known = ORDER.flatMap((outcome) => outcomes.filter(([name, count]) => name === outcome && count > 0)) as [
		Outcome,
		number,
	][];
	return (
		<>
			{progress && (
				<div className={styles.progress} role="status">
					<ProgressBar
						thickness="large"
						aria-label="Progress"
						{...(progress.total ? { value: progress.done / progress.total } : {})}
					/>
					<span>{progressWords(progress)}</span>
				</div>
			)}
			{failure && (
				<div className={styles.failure}>
					<FailureView failure={failure} />
				</div>
			)}
			{known.length > 0 && (
				<Section title="Outcome">
					<div className={styles.outcomes}>
						{known.map(([name, count]) => (
							<StatusDot key={name} status={name} word={`${formatCount(count)} ${statusWord(name).toLowerCase()}`} />
						))}
					</div>
				</Section>
			)}
			{warnings.length > 0 && (
				<Section title="Warnings" note={plural(row.warnings, 'warning')}>
					<JobWarnings job={job} />
				</Section>
			)}
			{phases.length > 0 && (
				<Section title="Phases">
					<Phases phases={phases} failed={row.state === 'failed'} />
				</Section>
			)}
			<Section title="About">
				<Facts
					facts={[
						['Recovery point', point(job, styles.link)],
						['Vault', row.vaultName],
						['Cluster', row.cluster],
						['Started', <AbsoluteTime key="started" time={row.started} />],
						['Ended', row.ended && <AbsoluteTime key="ended" time={row.ended} />],
						['Took', jobDuration(row, now)],
						['Runs on', origin],
						['Job', row.id],
					]}
				/>
			</Section>
		</>
	);
}

/** A link to the recovery point, unless there is none (any more). */
function point({ row }: JobDetails, className: string) {
	if (!hasPoint(row)) return row.point;
	return (
		<Link to="/points/$vault/$point" params={{ vault: row.vaultId, point: row.point }} className={className}>
			{row.point}
		</Link>
	);
}
