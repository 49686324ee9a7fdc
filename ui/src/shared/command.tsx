import { makeStyles, tokens } from '@fluentui/react-components';
import { CopyButton } from './copy-button';

const useStyles = makeStyles({
	root: {
		display: 'flex',
		alignItems: 'flex-start',
		gap: '4px',
		padding: '4px 4px 4px 8px',
		borderRadius: '4px',
		backgroundColor: tokens.colorNeutralBackground3,
	},
	code: {
		flexGrow: 1,
		minWidth: 0,
		padding: '2px 0',
		fontFamily: tokens.fontFamilyMonospace,
		fontSize: '12px',
		lineHeight: '20px',
		whiteSpace: 'pre-wrap',
		overflowWrap: 'anywhere',
	},
});

/** The line that does the same in a terminal. */
export function Command({ text }: { text: string }) {
	const styles = useStyles();
	return (
		<div className={styles.root}>
			<code className={styles.code}>{text}</code>
			<CopyButton text={text} label="Copy command" />
		</div>
	);
}
