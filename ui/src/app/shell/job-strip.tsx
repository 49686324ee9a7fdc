import { Button, makeStyles, ProgressBar, Tooltip, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { Link } from '@tanstack/react-router';
import type { JobRow } from '@/backend/bindings';
import { jobTitle, kindWord, useCancelJob } from '@/features/jobs/running';
import { StatusDot, useJobs } from '@/shared';
import { useProgressWords } from '@/shared/progress-line';

/** Jobs shown one by one; the others are a number. */
const SHOWN = 3;

const useStyles = makeStyles({
	root: {
		flexShrink: 0,
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
		backgroundColor: tokens.colorNeutralBackground2,
		fontSize: '12px',
		lineHeight: '16px',
	},
	job: {
		display: 'grid',
		gridTemplateColumns: '12px minmax(0, max-content) minmax(0, 1fr) 120px 24px',
		alignItems: 'center',
		columnGap: '10px',
		height: '32px',
		padding: '0 12px 0 24px',
	},
	title: {
		overflow: 'hidden',
		textOverflow: 'ellipsis',
		whiteSpace: 'nowrap',
		color: tokens.colorNeutralForeground1,
		fontWeight: 600,
		textDecoration: 'none',
		':hover': { textDecoration: 'underline' },
	},
	words: {
		overflow: 'hidden',
		textOverflow: 'ellipsis',
		whiteSpace: 'nowrap',
		color: tokens.colorNeutralForeground2,
		fontVariantNumeric: 'tabular-nums',
	},
	more: { display: 'block', padding: '0 24px 8px 46px', color: tokens.colorNeutralForeground2 },
});

/** What runs: phase, rate, what is left, and cancel. Nothing where nothing runs. */
export function JobStrip() {
	const styles = useStyles();
	const cancel = useCancelJob();
	const running = useJobs().data?.jobs.filter((job) => job.state === 'running') ?? [];
	return (
		<>
			{cancel.dialog}
			{running.length > 0 && (
				<section className={styles.root} aria-label="Running jobs">
					{running.slice(0, SHOWN).map((job) => (
						<Running key={`${job.vaultId}/${job.id}`} job={job} onCancel={() => cancel.ask(job)} />
					))}
					{running.length > SHOWN && (
						<Link to="/jobs" className={styles.more}>
							and {running.length - SHOWN} more
						</Link>
					)}
				</section>
			)}
		</>
	);
}

function Running({ job, onCancel }: { job: JobRow; onCancel: () => void }) {
	const styles = useStyles();
	const { progress } = job;
	const words = useProgressWords(progress);
	return (
		<div className={styles.job}>
			<StatusDot status="running" word="" />
			<Link to="/jobs" search={{ vault: job.vaultId, job: job.id }} className={styles.title} title={jobTitle(job)}>
				{jobTitle(job)}
			</Link>
			<span className={styles.words} title={words}>
				{words}
			</span>
			<ProgressBar aria-label={jobTitle(job)} {...(progress?.total ? { value: progress.done / progress.total } : {})} />
			<Tooltip content={`Cancel ${kindWord(job.kind)}`} relationship="label">
				<Button size="small" appearance="subtle" icon={<DismissRegular />} onClick={onCancel} />
			</Tooltip>
		</div>
	);
}
