import { makeStyles, tokens } from '@fluentui/react-components';
import type { Column } from './types';

/** Width of the column with the checkbox, and of the one with the actions. */
const EDGE = 32;

/** A white line in a box of 16 pixels. */
const mark = (path: string): string =>
	`url("data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='${path}' fill='none' stroke='%23fff' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'/%3E%3C/svg%3E")`;

export const useTableStyles = makeStyles({
	root: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0, minWidth: 0 },
	inlineRoot: { display: 'flex', flexDirection: 'column', minWidth: 0 },
	toolbar: { display: 'flex', alignItems: 'flex-start', gap: '8px', padding: '0 24px 8px' },
	tools: { display: 'flex', flexGrow: 1, flexWrap: 'wrap', alignItems: 'center', gap: '8px', minWidth: 0 },
	aside: { display: 'flex', flexShrink: 0, alignItems: 'center', gap: '8px', minHeight: '24px' },
	told: { padding: '0 24px 8px', ':empty': { display: 'none' } },
	scroll: { flexGrow: 1, minHeight: 0, overflow: 'auto', position: 'relative', contain: 'strict' },
	inlineScroll: { overflowX: 'auto', position: 'relative' },
	grid: { fontSize: '13px', lineHeight: '20px' },
	body: { position: 'relative' },
	line: { display: 'grid', alignItems: 'center', columnGap: '16px', padding: '0 24px' },
	inlineLine: { padding: '0 8px' },
	header: {
		position: 'sticky',
		top: 0,
		zIndex: 1,
		height: '32px',
		color: tokens.colorNeutralForeground2,
		fontWeight: 600,
		fontSize: '12px',
		backgroundColor: tokens.colorNeutralBackground1,
		borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
	},
	sort: {
		display: 'inline-flex',
		alignItems: 'center',
		gap: '4px',
		maxWidth: '100%',
		padding: 0,
		border: 'none',
		font: 'inherit',
		color: 'inherit',
		cursor: 'pointer',
		backgroundColor: 'transparent',
		borderRadius: '4px',
		':hover': { color: tokens.colorNeutralForeground1 },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
	},
	row: {
		position: 'absolute',
		left: 0,
		right: 0,
		top: 0,
		cursor: 'default',
		outlineStyle: 'none',
		':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
		':focus-visible': { boxShadow: `inset 0 0 0 2px ${tokens.colorStrokeFocus2}` },
		':hover .row-actions': { opacity: 1 },
		':focus-within .row-actions': { opacity: 1 },
	},
	openable: { cursor: 'pointer' },
	active: {
		backgroundColor: tokens.colorNeutralBackground1Selected,
		boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`,
		'@media (forced-colors: active)': { outline: '2px solid Highlight', outlineOffset: '-2px' },
	},
	cell: { minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
	end: { textAlign: 'right', fontVariantNumeric: 'tabular-nums' },
	mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px' },
	edge: { display: 'flex', alignItems: 'center' },
	// Drawn here: WebKitGTK's own box stays white on a dark row.
	check: {
		appearance: 'none',
		boxSizing: 'border-box',
		width: '16px',
		height: '16px',
		margin: 0,
		border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
		borderRadius: '3px',
		backgroundPosition: 'center',
		backgroundRepeat: 'no-repeat',
		':checked': {
			backgroundColor: tokens.colorBrandBackground,
			border: `1px solid ${tokens.colorBrandBackground}`,
			backgroundImage: mark('M4 8.2l2.7 2.7L12 5.4'),
		},
		':indeterminate': {
			backgroundColor: tokens.colorBrandBackground,
			border: `1px solid ${tokens.colorBrandBackground}`,
			backgroundImage: mark('M4.5 8h7'),
		},
		'@media (forced-colors: active)': { appearance: 'auto' },
	},
	actions: { opacity: 0 },
	bone: { height: '10px', width: '60%', borderRadius: '4px', backgroundColor: tokens.colorNeutralBackground5 },
});

/** The least width of all columns together, with the gaps between them and the padding of a line; in pixels. */
export function leastWidth<Row>(columns: Column<Row>[], selectable: boolean, actions: boolean): number {
	const count = columns.length + (selectable ? 1 : 0) + (actions ? 1 : 0);
	const own = columns.reduce((sum, { width }) => sum + (width ?? 120), 0);
	return own + (selectable ? 20 : 0) + (actions ? EDGE : 0) + (count - 1) * 12 + 48;
}

/** The widths of all columns, as CSS grid tracks. */
export function tracks<Row>(columns: Column<Row>[], selectable: boolean, actions: boolean): string {
	const own = columns.map(({ width, grow }) => (grow ? `minmax(${width ?? 120}px, ${grow}fr)` : `${width ?? 120}px`));
	return [...(selectable ? ['20px'] : []), ...own, ...(actions ? [`${EDGE}px`] : [])].join(' ');
}
