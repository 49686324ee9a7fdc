import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { CopyButton } from './copy-button';
import { asFailure, headline } from './failure';
import { StatusDot } from './status-dot';

const useStyles = makeStyles({
	root: {
		display: 'grid',
		gap: '4px',
		padding: '8px 12px',
		borderLeft: `3px solid ${tokens.colorStatusDangerBorder2}`,
		backgroundColor: tokens.colorStatusDangerBackground1,
		borderRadius: '4px',
		overflowWrap: 'anywhere',
	},
	head: { display: 'flex', alignItems: 'flex-start', gap: '8px', fontWeight: 600 },
	details: { fontSize: '12px', '& summary': { cursor: 'pointer', padding: '2px 0' } },
	words: {
		margin: 0,
		padding: '8px',
		maxHeight: '240px',
		overflow: 'auto',
		whiteSpace: 'pre-wrap',
		fontFamily: tokens.fontFamilyMonospace,
		backgroundColor: tokens.colorNeutralBackground1,
	},
	actions: { display: 'flex', flexWrap: 'wrap', gap: '8px', marginTop: '4px' },
});

interface FailureViewProps {
	/** A `Failure`, or whatever a call was rejected with. */
	failure: unknown;
	onRetry?: (() => void) | undefined;
	/** Buttons that mend it. */
	actions?: ReactNode;
	/** What else is to be said, below the guidance. */
	children?: ReactNode;
}

/** What failed, on what, what to do now, and the server's words folded away. */
export function FailureView({ failure, onRetry, actions, children }: FailureViewProps) {
	const styles = useStyles();
	const { message, guidance, details } = asFailure(failure);
	const all = [message, guidance, details].filter(Boolean).join('\n');
	return (
		<div className={styles.root} role="alert">
			<div className={styles.head}>
				<StatusDot status="failed" word="" />
				<span>{headline(message)}</span>
			</div>
			{guidance && <div>{guidance}</div>}
			{children && <div>{children}</div>}
			{details && (
				<details className={styles.details}>
					<summary>Details</summary>
					<pre className={styles.words}>{details}</pre>
				</details>
			)}
			<div className={styles.actions}>
				{actions}
				{onRetry && (
					<Button size="small" onClick={onRetry}>
						Try again
					</Button>
				)}
				<CopyButton text={all} label="Copy details" words="Copy details" />
			</div>
		</div>
	);
}
