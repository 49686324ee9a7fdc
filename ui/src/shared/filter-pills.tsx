import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { formatCount } from './format';
import { type Status, StatusDot, statusWord } from './status-dot';

const useStyles = makeStyles({
	root: { display: 'flex', flexWrap: 'wrap', gap: '4px' },
	pill: {
		display: 'inline-flex',
		alignItems: 'center',
		gap: '6px',
		height: '24px',
		padding: '0 8px',
		border: `1px solid ${tokens.colorNeutralStroke1}`,
		borderRadius: '4px',
		font: 'inherit',
		fontSize: '12px',
		color: tokens.colorNeutralForeground1,
		backgroundColor: tokens.colorNeutralBackground1,
		cursor: 'pointer',
		':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
	},
	on: {
		borderTopColor: tokens.colorBrandStroke1,
		borderRightColor: tokens.colorBrandStroke1,
		borderBottomColor: tokens.colorBrandStroke1,
		borderLeftColor: tokens.colorBrandStroke1,
		boxShadow: `inset 0 0 0 1px ${tokens.colorBrandStroke1}`,
		backgroundColor: tokens.colorNeutralBackground1Selected,
		'@media (forced-colors: active)': { outline: '2px solid Highlight' },
	},
	none: { color: tokens.colorNeutralForeground3 },
	count: { fontWeight: 600, fontVariantNumeric: 'tabular-nums' },
});

interface FilterPillsProps<Key extends Status> {
	/** What is filtered by, for screen readers. */
	label: string;
	counts: [key: Key, count: number][];
	/** Those shown; none for all. */
	selected: readonly Key[];
	onChange: (selected: Key[]) => void;
}

/** Counts per state, each of which is a filter: pressed ones alone are shown, all of them where none is pressed. */
export function FilterPills<Key extends Status>({ label, counts, selected, onChange }: FilterPillsProps<Key>) {
	const styles = useStyles();
	return (
		<fieldset className={styles.root} style={{ border: 'none', margin: 0, padding: 0 }} aria-label={label}>
			{counts.map(([key, count]) => {
				const on = selected.includes(key);
				const next = on ? selected.filter((each) => each !== key) : [...selected, key];
				return (
					<button
						key={key}
						type="button"
						aria-pressed={on}
						className={mergeClasses(styles.pill, on && styles.on, count === 0 && styles.none)}
						onClick={() => onChange(next)}
					>
						<StatusDot status={key} word={statusWord(key)} />
						<span className={styles.count}>{formatCount(count)}</span>
					</button>
				);
			})}
		</fieldset>
	);
}
