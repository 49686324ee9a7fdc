import { makeStyles, tokens } from '@fluentui/react-components';
import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { readStored, writeStored } from './stored';

const STEP = 24;

const useStyles = makeStyles({
	root: {
		position: 'relative',
		flexShrink: 0,
		width: 0,
		borderLeft: `1px solid ${tokens.colorNeutralStroke2}`,
		cursor: 'col-resize',
		touchAction: 'none',
		zIndex: 1,
		'::after': { content: '""', position: 'absolute', top: 0, bottom: 0, left: '-4px', width: '9px' },
		':hover': { borderLeftColor: tokens.colorNeutralStroke1Hover },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
	},
});

/** A width that is remembered under `key`. */
export function useStoredWidth(key: string, first: number): [number, (width: number) => void] {
	const [width, setWidth] = useState(() => Number(readStored(key)) || first);
	return [
		width,
		(to) => {
			setWidth(to);
			writeStored(key, String(to));
		},
	];
}

interface SplitterProps {
	label: string;
	/** Width of the column that is resized, in pixels. */
	width: number;
	min: number;
	max: number;
	onResize: (width: number) => void;
	/** Whether the column that is resized is on the right. */
	right?: boolean;
}

/** The line between two columns, moved by mouse or by arrow keys. */
export function Splitter({ label, width, min, max, onResize, right = false }: SplitterProps) {
	const styles = useStyles();
	const [from, setFrom] = useState<{ x: number; width: number }>();
	const sign = right ? -1 : 1;
	const set = (to: number) => onResize(Math.round(Math.max(min, Math.min(max, to))));
	const down = (event: PointerEvent<HTMLDivElement>) => {
		event.currentTarget.setPointerCapture(event.pointerId);
		setFrom({ x: event.clientX, width });
	};
	const move = (event: PointerEvent<HTMLDivElement>) => {
		if (from && event.currentTarget.hasPointerCapture(event.pointerId))
			set(from.width + sign * (event.clientX - from.x));
	};
	const keys = (event: KeyboardEvent) => {
		if (event.key === 'ArrowLeft') set(width - sign * STEP);
		else if (event.key === 'ArrowRight') set(width + sign * STEP);
	};
	return (
		<div
			className={styles.root}
			role="separator"
			aria-orientation="vertical"
			aria-label={label}
			aria-valuenow={width}
			aria-valuemin={min}
			aria-valuemax={max}
			tabIndex={0}
			onPointerDown={down}
			onPointerMove={move}
			onPointerUp={() => setFrom(undefined)}
			onKeyDown={keys}
		/>
	);
}
