import { Button, makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import type { PlanSummary } from '@/backend/bindings';
import { formatAbsolute, RelativeTime, useSettings } from '@/shared';

const useStyles = makeStyles({
	root: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px', padding: '0 24px 8px' },
	title: { margin: 0, fontSize: '14px', lineHeight: '24px', fontWeight: 600 },
	quiet: { color: tokens.colorNeutralForeground2 },
});

interface PlanHeadProps {
	/** Whether it is carried out, or was. */
	restoring: boolean;
	/** The plan that holds. */
	summary: PlanSummary | undefined;
	/** Plans anew; the first plan is made from the footer. */
	onPlan: (() => void) | undefined;
	/** Further buttons. */
	children?: ReactNode;
}

/** When the plan was made or tried, and what can be done with it as a whole. */
export function PlanHead({ restoring, summary, onPlan, children }: PlanHeadProps) {
	const styles = useStyles();
	const { times } = useSettings();
	return (
		<div className={styles.root}>
			<h2 className={styles.title}>4 {restoring ? 'Restore' : 'Plan'}</h2>
			{summary && !restoring && (
				<span className={styles.quiet}>
					{summary.validated ? (
						<time dateTime={summary.asOf} title={formatAbsolute(summary.asOf, times)}>
							Tried with the server at {formatAbsolute(summary.asOf, times).slice(11, 16)}
							{times === 'utc' && ' UTC'}
						</time>
					) : (
						<>
							made <RelativeTime time={summary.asOf} />
						</>
					)}
				</span>
			)}
			<span style={{ flexGrow: 1 }} />
			{children}
			{onPlan && (
				<Button size="small" onClick={onPlan}>
					Plan again
				</Button>
			)}
		</div>
	);
}
