import { makeStyles, mergeClasses } from '@fluentui/react-components';

const useStyles = makeStyles({
	root: {
		position: 'relative',
		display: 'inline-flex',
		maxWidth: '100%',
		minWidth: 0,
		verticalAlign: 'bottom',
		whiteSpace: 'pre',
	},
	mono: { fontFamily: 'var(--fontFamilyMonospace)', fontSize: '12px' },
	whole: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
	head: {
		overflow: 'hidden',
		textOverflow: 'ellipsis',
		flexShrink: 1,
		minWidth: '1ch',
		'::before': { content: 'attr(data-text)' },
	},
	tail: { flexShrink: 0, '::before': { content: 'attr(data-text)' } },
});

/** Longest part at the end that stays readable while the middle gives way. */
const TAIL = 12;

/**
 * A name that is shortened in its middle, because ends tell names apart; whole on hover, when copied and for screen
 * readers. What is seen are two halves drawn by CSS, so that the name itself stays one text.
 */
export function MiddleText({ text, mono = false }: { text: string; mono?: boolean }) {
	const styles = useStyles();
	const cut = text.length - Math.min(TAIL, Math.floor(text.length / 2));
	return (
		<span className={mergeClasses(styles.root, mono && styles.mono)} title={text}>
			<span className={styles.whole}>{text}</span>
			<span className={styles.head} data-text={text.slice(0, cut)} aria-hidden />
			<span className={styles.tail} data-text={text.slice(cut)} aria-hidden />
		</span>
	);
}
