import { makeStyles, tokens } from '@fluentui/react-components';
import { ChevronRightRegular } from '@fluentui/react-icons';
import { Link } from '@tanstack/react-router';
import type { JobDetails, JobWarning } from '@/backend/bindings';
import { formatCount, StatusDot } from '@/shared';
import { hasPoint } from './job-words';
import { warningFilter } from './warning-filter';

const useStyles = makeStyles({
	list: { display: 'grid', margin: '0 -8px', padding: 0, listStyleType: 'none', fontSize: '13px', lineHeight: '20px' },
	warning: {
		display: 'grid',
		gridTemplateColumns: 'auto minmax(0, 1fr) auto',
		columnGap: '8px',
		alignItems: 'start',
		padding: '3px 8px',
		overflowWrap: 'anywhere',
	},
	link: {
		color: 'inherit',
		textDecoration: 'none',
		borderRadius: '4px',
		':hover': { backgroundColor: tokens.colorNeutralBackground1Hover, textDecoration: 'underline' },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
		'& > svg': { marginTop: '3px' },
	},
	times: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums' },
});

/** What went wrong, by cause; each leads to its objects where something tells of them. */
export function JobWarnings({ job }: { job: JobDetails }) {
	const styles = useStyles();
	return (
		<ul className={styles.list}>
			{job.warnings.map((warning) => (
				<li key={warning.message}>
					<Warning job={job} warning={warning} />
				</li>
			))}
		</ul>
	);
}

function Warning({ job: { row, hasReport }, warning }: { job: JobDetails; warning: JobWarning }) {
	const styles = useStyles();
	const words = (
		<>
			<StatusDot status="partial" word="" />
			<span>
				{warning.count > 1 && <span className={styles.times}>{formatCount(warning.count)} × </span>}
				{warning.message}
			</span>
		</>
	);
	const look = { className: `${styles.warning} ${styles.link}` };
	if ((row.kind === 'restore' || row.kind === 'undo') && hasReport) {
		return (
			<Link
				{...look}
				to="/jobs/$vault/$job"
				params={{ vault: row.vaultId, job: row.id }}
				search={{ tab: 'report', filter: warningFilter(warning) }}
				title="Show its objects"
			>
				{words}
				<ChevronRightRegular aria-hidden />
			</Link>
		);
	}
	if (row.kind === 'backup' && hasPoint(row)) {
		return (
			<Link
				{...look}
				to="/points/$vault/$point"
				params={{ vault: row.vaultId, point: row.point }}
				search={{ tab: 'warnings' }}
				title="Show what the recovery point lacks"
			>
				{words}
				<ChevronRightRegular aria-hidden />
			</Link>
		);
	}
	return <div className={styles.warning}>{words}</div>;
}
