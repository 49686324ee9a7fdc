import { Button, makeStyles, Tooltip, tokens } from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { type KeyboardEvent, type PointerEvent, type ReactNode, useState } from 'react';
import { readStored, writeStored } from './stored';

const MIN = 320;
const STEP = 32;
const KEY = 'pane-width';

const useStyles = makeStyles({
	root: {
		position: 'relative',
		display: 'flex',
		flexDirection: 'column',
		flexShrink: 0,
		maxWidth: '70%',
		minHeight: 0,
		borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
		backgroundColor: tokens.colorNeutralBackground1,
	},
	grip: {
		position: 'absolute',
		left: '-4px',
		top: 0,
		bottom: 0,
		width: '8px',
		cursor: 'col-resize',
		touchAction: 'none',
		zIndex: 2,
		':hover': { backgroundColor: tokens.colorNeutralStroke1 },
		':focus-visible': { backgroundColor: tokens.colorBrandStroke1, outlineStyle: 'none' },
	},
	head: { display: 'flex', alignItems: 'center', gap: '8px', padding: '12px 12px 8px 16px', minWidth: 0 },
	title: {
		flexGrow: 1,
		minWidth: 0,
		margin: 0,
		fontSize: '16px',
		lineHeight: '24px',
		fontWeight: 600,
		overflowWrap: 'anywhere',
	},
	body: { flexGrow: 1, minHeight: 0, overflowY: 'auto', padding: '4px 16px 16px' },
	foot: {
		display: 'flex',
		flexWrap: 'wrap',
		alignItems: 'center',
		gap: '8px',
		padding: '12px 16px',
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
	},
});

interface PaneProps {
	title: ReactNode;
	/** Name for screen readers where `title` is no plain text. */
	label?: string;
	onClose: () => void;
	/** Buttons beside the title. */
	actions?: ReactNode;
	/** What stays in sight below the content, such as the button that acts. */
	footer?: ReactNode;
	children: ReactNode;
	/** Width before it is resized for the first time. */
	width?: number;
}

/** The right side of a screen: resizable by mouse and by arrow keys, closed by Esc. */
export function Pane({ title, label, onClose, actions, footer, children, width: first = 440 }: PaneProps) {
	const styles = useStyles();
	const [width, setWidth] = useState(() => Math.max(MIN, Number(readStored(KEY)) || first));
	const resize = (to: number) => {
		const next = Math.round(Math.max(MIN, Math.min(to, window.innerWidth * 0.7)));
		setWidth(next);
		writeStored(KEY, String(next));
	};
	const drag = (event: PointerEvent<HTMLDivElement>) => {
		if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
		const right = event.currentTarget.parentElement?.getBoundingClientRect().right ?? window.innerWidth;
		resize(right - event.clientX);
	};
	const keys = (event: KeyboardEvent) => {
		if (event.key === 'ArrowLeft') resize(width + STEP);
		else if (event.key === 'ArrowRight') resize(width - STEP);
	};
	const onEscape = (event: KeyboardEvent) => {
		if (event.key === 'Escape' && !event.defaultPrevented) onClose();
	};
	return (
		<aside className={styles.root} style={{ width }} aria-label={label ?? String(title)} onKeyDown={onEscape}>
			<div
				className={styles.grip}
				role="separator"
				aria-orientation="vertical"
				aria-label="Width of the pane"
				aria-valuenow={width}
				aria-valuemin={MIN}
				tabIndex={0}
				onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
				onPointerMove={drag}
				onKeyDown={keys}
			/>
			<div className={styles.head}>
				<h2 className={styles.title}>{title}</h2>
				{actions}
				<Tooltip content="Close (Esc)" relationship="label">
					<Button size="small" appearance="subtle" icon={<DismissRegular />} onClick={onClose} />
				</Tooltip>
			</div>
			<div className={styles.body}>{children}</div>
			{footer && <div className={styles.foot}>{footer}</div>}
		</aside>
	);
}
