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
	onStart: () => void;
}

/** The button that writes: it says what it will do, and does nothing else. Before it stands the one that plans. */
export function RestoreFooter(props: RestoreFooterProps) {
	const { summary, cluster, hint, onPlan, plannable, starting, onStart } = props;
	const styles = useStyles();
	const written = summary ? summary.counts.create + summary.counts.patch + summary.counts.unchecked : 0;
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
			{summary ? (
				<div className={styles.command}>
					<Command text={summary.command} />
				</div>
			) : (
				<span className={styles.hint}>{hint}</span>
			)}
		</footer>
	);
}
