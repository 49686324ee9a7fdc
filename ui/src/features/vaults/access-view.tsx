import { makeStyles } from '@fluentui/react-components';
import type { AccessReport } from '@/backend/bindings';
import { FailureView, StatusDot } from '@/shared';

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', fontSize: '13px', lineHeight: '20px' },
	steps: { display: 'grid', gap: '4px', margin: 0, padding: 0, listStyleType: 'none' },
	step: {
		display: 'grid',
		gridTemplateColumns: '12px minmax(96px, max-content) minmax(0, 1fr)',
		columnGap: '10px',
		alignItems: 'start',
		overflowWrap: 'anywhere',
	},
});

/** The answer is below the form, where it may not be seen. */
const inSight = (element: HTMLDivElement | null) => element?.scrollIntoView?.({ block: 'end' });

/** What a test of access found, step by step. */
export function AccessView({ report }: { report: AccessReport }) {
	const styles = useStyles();
	let verdict = report.exists ? 'There is a vault already; it can be used.' : 'A new vault can be created here.';
	if (report.readOnly) verdict = 'It can only be read: recovery points can be restored, none can be added.';
	return (
		<div className={styles.root} role="status" ref={inSight}>
			<ol className={styles.steps}>
				{report.steps.map(({ name, ok, message }) => (
					<li key={name} className={styles.step}>
						<StatusDot status={ok === undefined ? 'planned' : ok ? 'completed' : 'failed'} word="" />
						<span>{name}</span>
						<span>{message}</span>
					</li>
				))}
			</ol>
			{(report.ok || report.readOnly) && <strong>{verdict}</strong>}
			{report.failure && <FailureView failure={report.failure} />}
		</div>
	);
}
