import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
	root: { padding: '32px 16px', maxWidth: '520px', display: 'grid', gap: '8px', justifyItems: 'start' },
	title: { fontSize: '16px', lineHeight: '22px', fontWeight: 600 },
	text: { color: tokens.colorNeutralForeground2 },
	actions: { display: 'flex', gap: '8px', marginTop: '8px' },
});

/** What is said where nothing can be listed: why, and the one next step. */
export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
	const styles = useStyles();
	return (
		<div className={styles.root}>
			<div className={styles.title}>{title}</div>
			{children && <div className={styles.text}>{children}</div>}
			{actions && <div className={styles.actions}>{actions}</div>}
		</div>
	);
}
