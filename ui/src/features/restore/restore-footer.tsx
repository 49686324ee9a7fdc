import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { PlanSummary } from '@/backend/bindings';
import { Command } from '@/shared';
import { restoreWords } from './words';

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
	/** Why it cannot be started yet. */
	hint: string;
	/** Makes the first plan; undefined once there is one. */
	onPlan: (() => void) | undefined;
	/** Whether it can be planned now. */
	plannable: boolean;
	starting: boolean;
	onPlan: () => void;
	onStart: () => void;
}

/** The button that writes: it says what it will do, and does nothing else. Before it stands the one that plans. */
export function RestoreFooter(props: RestoreFooterProps) {
	const { summary, cluster, hint, onPlan, plannable, starting, onStart } = props;
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
	const written = summary.counts.create + summary.counts.patch + summary.counts.unchecked;
	return (
		<footer className={styles.root}>
			{onPlan && (
				<Button appearance="primary" disabled={!plannable} onClick={onPlan}>
					Plan the restore
				</Button>
			)}
			<Button appearance={onPlan ? 'secondary' : 'primary'} disabled={written === 0 || starting} onClick={onStart}>
				{summary ? restoreWords(summary, cluster) : 'Restore'}
			</Button>
			<div className={styles.command}>
				<Command text={summary.command} />
			</div>
		</footer>
	);
}
