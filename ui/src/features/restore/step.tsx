import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons';
import { type ReactNode, useId } from 'react';

const useStyles = makeStyles({
	root: {
		display: 'flex',
		flexDirection: 'column',
		minWidth: 0,
		borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
	},
	row: { display: 'grid', flexShrink: 0, gridTemplateColumns: '4fr 3fr 3fr' },
	words: { display: 'flex', alignItems: 'baseline', gap: '0 8px', flexGrow: 1, minWidth: 0 },
	under: { flexDirection: 'column', alignItems: 'stretch' },
	head: {
		display: 'flex',
		alignItems: 'center',
		gap: '8px',
		width: '100%',
		minHeight: '36px',
		padding: '4px 24px 4px 20px',
		border: 'none',
		font: 'inherit',
		fontSize: '13px',
		lineHeight: '20px',
		textAlign: 'left',
		color: tokens.colorNeutralForeground1,
		backgroundColor: 'transparent',
		cursor: 'pointer',
		':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: '-2px' },
		':disabled': { cursor: 'default', color: tokens.colorNeutralForeground2, backgroundColor: 'transparent' },
	},
	title: { fontWeight: 600, whiteSpace: 'nowrap', margin: 0, fontSize: '14px' },
	summary: {
		flexGrow: 1,
		minWidth: 0,
		overflow: 'hidden',
		textOverflow: 'ellipsis',
		whiteSpace: 'nowrap',
		color: tokens.colorNeutralForeground2,
	},
	body: { padding: '4px 24px 16px 44px' },
});

interface StepProps {
	number: number;
	title: string;
	/** What was chosen, in words. */
	summary: string;
	open: boolean;
	onToggle: () => void;
	/** Whether nothing can be changed any more. */
	locked?: boolean;
	/** Whether it stands in a row with others, which leaves less room for its line. */
	inRow?: boolean;
	children: ReactNode;
}

/** The steps: one below the other, or, once all are folded, side by side. */
export function Steps({ inRow, children }: { inRow: boolean; children: ReactNode }) {
	const styles = useStyles();
	return (
		<div className={mergeClasses(inRow && styles.row)} style={{ flexShrink: 0 }}>
			{children}
		</div>
	);
}

/** A step that folds to one line with what was chosen in it. */
export function Step({ number, title, summary, open, onToggle, locked = false, inRow = false, children }: StepProps) {
	const styles = useStyles();
	const body = useId();
	const Twist = open ? ChevronDownRegular : ChevronRightRegular;
	return (
		<section className={styles.root}>
			<button
				type="button"
				className={styles.head}
				aria-expanded={open}
				aria-controls={body}
				disabled={locked}
				onClick={onToggle}
			>
				<Twist fontSize={16} aria-hidden style={{ visibility: locked ? 'hidden' : 'visible', flexShrink: 0 }} />
				<span className={mergeClasses(styles.words, inRow && styles.under)}>
					<span className={styles.title}>
						{number} {title}
					</span>
					<span className={styles.summary} title={summary}>
						{summary}
					</span>
				</span>
			</button>
			<div id={body} className={mergeClasses(open && styles.body)} hidden={!open}>
				{open && children}
			</div>
		</section>
	);
}
