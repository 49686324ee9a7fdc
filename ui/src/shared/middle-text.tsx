import { makeStyles, mergeClasses } from '@fluentui/react-components';

const useStyles = makeStyles({
	root: { display: 'inline-flex', maxWidth: '100%', minWidth: 0, verticalAlign: 'bottom', whiteSpace: 'pre' },
	head: { overflow: 'hidden', textOverflow: 'ellipsis', flexShrink: 1, minWidth: '1ch' },
	tail: { flexShrink: 0 },
	mono: { fontFamily: 'var(--fontFamilyMonospace)', fontSize: '12px' },
});

/** Longest part at the end that stays readable while the middle gives way. */
const TAIL = 12;

/** A name that is shortened in its middle, because ends tell names apart; whole on hover and for screen readers. */
export function MiddleText({ text, mono = false }: { text: string; mono?: boolean }) {
	const styles = useStyles();
	const cut = text.length > TAIL * 2 ? text.length - TAIL : text.length;
	return (
		<span className={mergeClasses(styles.root, mono && styles.mono)} title={text}>
			<span className={styles.head}>{text.slice(0, cut)}</span>
			{cut < text.length && <span className={styles.tail}>{text.slice(cut)}</span>}
		</span>
	);
}
