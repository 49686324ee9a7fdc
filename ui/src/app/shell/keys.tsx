import { makeStyles, tokens } from '@fluentui/react-components';

const useStyles = makeStyles({
	root: { display: 'inline-flex', gap: '4px', whiteSpace: 'nowrap' },
	key: {
		minWidth: '16px',
		padding: '0 4px',
		border: `1px solid ${tokens.colorNeutralStroke1}`,
		borderRadius: '4px',
		textAlign: 'center',
		fontFamily: 'inherit',
		fontSize: '12px',
		lineHeight: '18px',
		color: tokens.colorNeutralForeground2,
	},
});

const NAMES: Record<string, string> = {
	ctrl: 'Ctrl',
	home: 'Home',
	end: 'End',
	enter: 'Enter',
	space: 'Space',
	esc: 'Esc',
};

/** Keys as they stand on a keyboard. */
export function Keys({ keys }: { keys: string }) {
	const styles = useStyles();
	return (
		<span className={styles.root}>
			{keys.split(/[ +]/).map((key, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: a sequence may have a key twice and never changes
				<kbd key={at} className={styles.key}>
					{NAMES[key] ?? key.toUpperCase()}
				</kbd>
			))}
		</span>
	);
}
