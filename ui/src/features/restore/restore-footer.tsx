import { Button, makeStyles, Tooltip, tokens } from '@fluentui/react-components';
import type { PlanSummary } from '@/backend/bindings';
import { Command } from '@/shared';
import { DangerButton } from '@/shared/danger-button';
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
	/** Tries the plan with the server; undefined where that was done, or is under way. */
	onTry: (() => void) | undefined;
	onStart: (() => void) | undefined;
}

/** The next step: planning, and then the button that writes, which says what it will do and does nothing else. */
export function RestoreFooter(props: RestoreFooterProps) {
	const { summary, cluster, plan, blocked, starting, onPlan, onTry, onStart } = props;
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
	const Act = summary.counts.recreate > 0 ? DangerButton : Button;
	return (
		<footer className={styles.root}>
			<Act appearance="primary" disabled={written === 0 || starting || !onStart} onClick={onStart}>
				{restoreWords(summary, cluster)}
			</Act>
			<Tooltip content="Sends every object as a dry run; stores nothing" relationship="description">
				<Button disabled={written === 0 || starting || !onTry} onClick={onTry}>
					{summary.validated ? 'Try again with the server' : 'Try with the server'}
				</Button>
			</Tooltip>
			{summary.command && (
				<div className={styles.command}>
					<Command
						text={summary.command}
						instead="Too long for a terminal: save the plan, and give its file to holdfast restore --from-plan."
					/>
				</div>
			)}
		</footer>
	);
}
