import { makeStyles, tokens } from '@fluentui/react-components';

/** A shape for each state, so that it can be told without colour. */
type Shape = 'dot' | 'half' | 'ring' | 'cross' | 'clock' | 'dash' | 'equal' | 'stop' | 'again';

const GOOD = tokens.colorStatusSuccessForeground1;
const WARN = tokens.colorStatusWarningForeground3;
const BAD = tokens.colorStatusDangerForeground1;
const BUSY = tokens.colorBrandForeground1;
const QUIET = tokens.colorNeutralForeground3;

const STATES = {
	completed: ['dot', GOOD, 'Completed'],
	protected: ['dot', GOOD, 'Protected'],
	partial: ['half', WARN, 'Partial'],
	unprotected: ['ring', QUIET, 'Not protected'],
	failed: ['cross', BAD, 'Failed'],
	unreadable: ['cross', BAD, 'Unreadable'],
	running: ['clock', BUSY, 'Running'],
	cancelled: ['dash', QUIET, 'Cancelled'],
	interrupted: ['dash', WARN, 'Interrupted'],
	reachable: ['dot', GOOD, 'Reachable'],
	unreachable: ['cross', BAD, 'Not reachable'],
	checking: ['clock', QUIET, 'Checking…'],
	ready: ['dot', GOOD, 'Ready'],
	unusable: ['cross', BAD, 'Not usable'],
	snapshotted: ['dot', GOOD, 'Snapshotted'],
	notReady: ['clock', WARN, 'Not ready'],
	succeeded: ['dot', GOOD, 'Succeeded'],
	readOnly: ['half', QUIET, 'Read-only'],
	create: ['dot', GOOD, 'Create'],
	patch: ['half', WARN, 'Patch'],
	recreate: ['again', BAD, 'Recreate'],
	delete: ['stop', BAD, 'Delete'],
	identical: ['equal', QUIET, 'Identical'],
	skip: ['dash', QUIET, 'Skip'],
	derived: ['clock', QUIET, 'Derived'],
	blocked: ['cross', BAD, 'Blocked'],
	unchecked: ['ring', WARN, 'Unchecked'],
	planned: ['ring', QUIET, 'Planned'],
	created: ['dot', GOOD, 'Created'],
	patched: ['half', GOOD, 'Patched'],
	recreated: ['again', WARN, 'Recreated'],
	deleted: ['stop', BAD, 'Deleted'],
	skipped: ['dash', QUIET, 'Skipped'],
} as const satisfies Record<string, readonly [Shape, string, string]>;

export type Status = keyof typeof STATES;

/** The word for a state. */
export function statusWord(status: Status): string {
	return STATES[status][2];
}

const useStyles = makeStyles({
	root: {
		display: 'inline-flex',
		alignItems: 'center',
		gap: '6px',
		whiteSpace: 'nowrap',
		// The shape is never pressed together by the words beside it.
		minWidth: '12px',
		minHeight: '20px',
		verticalAlign: 'top',
	},
	// The system's colours do not reach into an SVG by themselves.
	icon: { flexShrink: 0, '@media (forced-colors: active)': { color: 'CanvasText !important' } },
});

/** Shape, word and colour of a state. `word` replaces the word; the empty one leaves only the shape. */
export function StatusDot({ status, word }: { status: Status; word?: string }) {
	const styles = useStyles();
	const [shape, color, standard] = STATES[status];
	const text = word ?? standard;
	return (
		<span className={styles.root}>
			<svg
				className={styles.icon}
				width="12"
				height="12"
				viewBox="0 0 12 12"
				style={{ color }}
				role="img"
				aria-label={text ? undefined : standard}
				aria-hidden={text ? true : undefined}
			>
				{SHAPES[shape]}
			</svg>
			{text}
		</span>
	);
}

const ring = <circle cx="6" cy="6" r="4.5" fill="none" stroke="currentColor" strokeWidth="1.5" />;

const SHAPES = {
	dot: <circle cx="6" cy="6" r="5" fill="currentColor" />,
	half: (
		<>
			{ring}
			<path d="M6 1.5a4.5 4.5 0 0 0 0 9z" fill="currentColor" />
		</>
	),
	ring,
	cross: <path d="M2.5 2.5l7 7m0-7l-7 7" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
	clock: (
		<>
			{ring}
			<path d="M6 3.5V6l1.8 1.2" fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" />
		</>
	),
	dash: <path d="M2 6h8" stroke="currentColor" strokeWidth="2" strokeLinecap="round" />,
	stop: (
		<>
			<circle cx="6" cy="6" r="5.2" fill="currentColor" />
			<path d="M3.2 6h5.6" stroke={tokens.colorNeutralBackground1} strokeWidth="1.8" strokeLinecap="round" />
		</>
	),
	again: (
		<path
			d="M9.8 3.2A4.5 4.5 0 1 0 10.5 6M10.3 .8v2.8H7.5"
			fill="none"
			stroke="currentColor"
			strokeWidth="1.6"
			strokeLinecap="round"
			strokeLinejoin="round"
		/>
	),
	equal: <path d="M2 4.2h8M2 7.8h8" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />,
};
