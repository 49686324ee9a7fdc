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
		maxHeight: '64px',
		overflowY: 'auto',
	},
	hint: { color: tokens.colorNeutralForeground2 },
});

/** A command that is longer than this fills more than the lines that are shown. */
const LONG = 300;
/** Windows' terminals take no longer line. */
const LONGEST = 8_000;

interface CommandProps {
	text: string;
	/** What to do where no terminal takes the line. */
	instead?: string;
}

/** The line that does the same in a terminal. */
export function Command({ text, instead }: CommandProps) {
	const styles = useStyles();
	if (instead && text.length > LONGEST) return <span className={styles.hint}>{instead}</span>;
	return (
		<div className={styles.root}>
			<code className={styles.code} tabIndex={text.length > LONG ? 0 : undefined}>
				{text}
			</code>
			<CopyButton text={text} label="Copy command" />
		</div>
	);
}
