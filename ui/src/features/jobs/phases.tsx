import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import type { JobPhase } from '@/backend/bindings';
import { formatAbsolute, formatDuration, plural, StatusDot, useNow, useSettings } from '@/shared';

const useStyles = makeStyles({
	root: { display: 'grid', margin: 0, padding: 0, listStyleType: 'none', fontSize: '13px', lineHeight: '20px' },
	phase: {
		position: 'relative',
		display: 'grid',
		gridTemplateColumns: '20px minmax(0, 1fr) auto auto',
		columnGap: '12px',
		padding: '3px 0',
		alignItems: 'center',
	},
	line: {
		'::before': {
			content: '""',
			position: 'absolute',
			left: '5px',
			top: '20px',
			bottom: '-6px',
			width: '2px',
			backgroundColor: tokens.colorNeutralStroke2,
		},
	},
	name: { '::first-letter': { textTransform: 'uppercase' } },
	quiet: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums', textAlign: 'right' },
});

/** The phases of a job, one below the other, with what each did and how long it took. */
export function Phases({ phases, failed }: { phases: JobPhase[]; failed: boolean }) {
	const styles = useStyles();
	const now = useNow();
	const { times } = useSettings();
	return (
		<ol className={styles.root}>
			{phases.map((phase, at) => {
				const last = at === phases.length - 1;
				const status = !phase.ended ? 'running' : last && failed ? 'failed' : 'completed';
				const until = phase.ended ? Date.parse(phase.ended) : now;
				return (
					<li
						key={`${phase.name}${phase.started}`}
						className={mergeClasses(styles.phase, !last && styles.line)}
						title={formatAbsolute(phase.started, times)}
					>
						<StatusDot status={status} word="" />
						<span className={styles.name}>{phase.name}</span>
						<span className={styles.quiet}>{phase.done > 0 && plural(phase.done, 'object')}</span>
						<span className={styles.quiet}>{formatDuration(until - Date.parse(phase.started))}</span>
					</li>
				);
			})}
		</ol>
	);
}
