import { Button, makeStyles, Tooltip, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { PlanRow } from '@/backend/bindings';
import { StatusDot } from '@/shared';
import { namespaceOf } from './words';

const useStyles = makeStyles({
	root: { display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: 0, minHeight: 0 },
	head: { display: 'flex', alignItems: 'flex-start', gap: '8px', padding: '4px 8px 8px 16px' },
	title: { flexGrow: 1, minWidth: 0, margin: 0, fontSize: '14px', lineHeight: '20px', overflowWrap: 'anywhere' },
	kind: { display: 'block', fontWeight: 400, fontSize: '12px', color: tokens.colorNeutralForeground2 },
	words: {
		display: 'grid',
		flexShrink: 0,
		gap: '8px',
		maxHeight: '40%',
		overflowY: 'auto',
		padding: '0 16px 8px',
		fontSize: '13px',
		lineHeight: '20px',
		overflowWrap: 'anywhere',
	},
	text: {
		display: 'flex',
		flexDirection: 'column',
		flexGrow: 1,
		minHeight: 0,
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
	},
});

interface EntryPaneProps {
	row: PlanRow;
	/** Whether what happened is shown instead of what would. */
	done?: boolean;
	onClose: () => void;
	/** What is said of the entry. */
	words: ReactNode;
	/** Its YAML or its differences. */
	children?: ReactNode;
}

/** One entry of a plan or a report: what it is, why, and its text below. */
export function EntryPane({ row, done = false, onClose, words, children }: EntryPaneProps) {
	const styles = useStyles();
	const where = namespaceOf(row);
	return (
		<section
			className={styles.root}
			aria-label={`${row.kind} ${row.targetName}`}
			onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && onClose()}
		>
			<div className={styles.head}>
				<h2 className={styles.title}>
					{row.targetName}
					<span className={styles.kind}>
						{row.kind}
						{row.group && `.${row.group}`}
						{where ? ` in ${where}` : ', cluster-scoped'}
					</span>
				</h2>
				<StatusDot status={done ? row.outcome : row.action} />
				<Tooltip content="Close (Esc)" relationship="label">
					<Button size="small" appearance="subtle" icon={<DismissRegular />} onClick={onClose} />
				</Tooltip>
			</div>
			<div className={styles.words}>{words}</div>
			{children && <div className={styles.text}>{children}</div>}
		</section>
	);
}
