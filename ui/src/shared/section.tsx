import { makeStyles, tokens } from '@fluentui/react-components';
import { type ReactNode, useId } from 'react';

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', marginBottom: '20px', minWidth: 0 },
	head: { display: 'flex', alignItems: 'baseline', gap: '8px', minHeight: '20px' },
	title: { margin: 0, fontSize: '14px', lineHeight: '20px', fontWeight: 600 },
	note: { flexGrow: 1, color: tokens.colorNeutralForeground3, fontSize: '12px' },
});

interface SectionProps {
	title: string;
	/** A few words beside the title, such as a number. */
	note?: ReactNode;
	actions?: ReactNode;
	children: ReactNode;
}

/** A titled part of a screen or pane. */
export function Section({ title, note, actions, children }: SectionProps) {
	const styles = useStyles();
	const id = useId();
	return (
		<section className={styles.root} aria-labelledby={id}>
			<div className={styles.head}>
				<h2 id={id} className={styles.title}>
					{title}
				</h2>
				<span className={styles.note}>{note}</span>
				{actions}
			</div>
			{children}
		</section>
	);
}
