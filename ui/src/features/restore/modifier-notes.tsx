import { makeStyles, tokens } from '@fluentui/react-components';
import { EditRegular } from '@fluentui/react-icons';

const useStyles = makeStyles({
	mark: { verticalAlign: 'text-bottom', marginRight: '4px', color: tokens.colorBrandForeground1 },
	list: { margin: 0, paddingLeft: '20px' },
});

/** Shows in a row that resource modifiers fit its object. */
export function ModifierMark({ notes }: { notes: string[] }) {
	const styles = useStyles();
	const words = `Resource modifiers: ${notes.join('; ')}`;
	return (
		<span title={words}>
			<EditRegular className={styles.mark} fontSize={14} role="img" aria-label={words} />
		</span>
	);
}

/** What resource modifiers did to an object. */
export function ModifierNotes({ notes }: { notes: string[] }) {
	const styles = useStyles();
	return (
		<div>
			<strong>Resource modifiers</strong>
			<ul className={styles.list}>
				{notes.map((note) => (
					<li key={note}>{note}</li>
				))}
			</ul>
		</div>
	);
}
