import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { PlanSummary } from '@/backend/bindings';
import { Command } from '@/shared';
import { restoreWords, writtenOf } from './words';

const useStyles = makeStyles({
	root: {
		display: 'flex',
		flexShrink: 0,
		flexWrap: 'wrap',
		alignItems: 'center',
		gap: '8px 16px',
		padding: '8px 24px',
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
	},
	command: { flexGrow: 1, flexBasis: '360px', minWidth: 0 },
	hint: { color: tokens.colorNeutralForeground2 },
});

interface RestoreFooterProps {
	/** The plan that holds for what is filled in; undefined where there is none. */
	summary: PlanSummary | undefined;
	cluster: string;
	/** Words of the button that plans; undefined while it does. */
	plan: string | undefined;
	/** What is to be filled in before that. */
	blocked: string | undefined;
	starting: boolean;
	onPlan: () => void;
	onStart: () => void;
}

/** The next step: planning, and then the button that writes, which says what it will do and does nothing else. */
export function RestoreFooter(props: RestoreFooterProps) {
	const { summary, cluster, plan, blocked, starting, onPlan, onStart } = props;
	const styles = useStyles();
	if (!summary) {
		return (
			<footer className={styles.root}>
				<Button appearance="primary" disabled={!plan || blocked !== undefined} onClick={onPlan}>
					{plan ?? 'Planning…'}
				</Button>
				<span className={styles.hint}>{blocked ?? 'Planning writes nothing.'}</span>
			</footer>
		);
	}
	const written = writtenOf(summary.counts) + summary.counts.unchecked;
	return (
		<footer className={styles.root}>
			<Button appearance="primary" disabled={written === 0 || starting} onClick={onStart}>
				{restoreWords(summary, cluster)}
			</Button>
			<div className={styles.command}>
				<Command text={summary.command} />
			</div>
		</footer>
	);
}
