import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSettings } from '../settings';
import { Header } from './header';
import { shownColumns, useHiddenColumns } from './hidden-columns';
import { TableRow } from './row';
import { sorted } from './sorted';
import { leastWidth, tracks, useTableStyles } from './styles';
import { Toolbar } from './toolbar';
import type { DataTableProps, Sort } from './types';
import { useSelection } from './use-selection';

const ROW = 32;
const COMPACT_ROW = 28;
/** Rows shown as bones while the first ones are on their way. */
const BONES = 6;

/**
 * The one table: virtual, so that a hundred thousand rows cost as much as those in sight, and walked by keyboard.
 *
 * Arrows, Home, End, PageUp and PageDown move; Enter opens; Space selects. The focused row stays in the document
 * while it is scrolled out of sight, so that the focus is never lost.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
	const {
		label,
		columns: roomy,
		allColumns = roomy,
		menu,
		rowKey,
		source,
		loading = false,
		onSort,
		activeKey,
		selection,
		rowActions,
		inline = false,
	} = props;
	const styles = useTableStyles();
	const height = useSettings().compact ? COMPACT_ROW : ROW;
	const scroll = useRef<HTMLDivElement>(null);
	const [ownSort, setOwnSort] = useState<Sort | undefined>(props.sort);
	const [focused, setFocused] = useState(0);
	const sort = onSort ? props.sort : ownSort;

	const all = source.kind === 'all' ? source.rows : undefined;
	const rows = useMemo(() => (all && !onSort ? sorted(all, allColumns, sort) : all), [all, allColumns, sort, onSort]);
	const [hidden, setHidden] = useHiddenColumns(menu);
	const columns = useMemo(() => shownColumns(roomy, hidden), [roomy, hidden]);
	const total = rows ? rows.length : source.kind === 'paged' ? source.total : 0;
	const at = (index: number): Row | undefined => {
		if (rows) return rows[index];
		return source.kind === 'paged' ? source.rowAt(index) : undefined;
	};
	const bones = loading && total === 0;
	const count = bones ? BONES : total;
	const home = Math.min(focused, Math.max(0, count - 1));

	const virtual = useVirtualizer({
		count,
		getScrollElement: () => scroll.current,
		estimateSize: () => height,
		overscan: 12,
		enabled: !inline,
		rangeExtractor: useCallback(
			(range: Range) =>
				[...new Set([...defaultRangeExtractor(range), ...(range.count > home ? [home] : [])])].sort((a, b) => a - b),
			[home],
		),
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new height makes all positions wrong
	useEffect(() => virtual.measure(), [height, virtual]);
	const items = inline
		? Array.from({ length: count }, (_, index) => ({ index, start: index * height }))
		: virtual.getVirtualItems();

	const { activeIndex } = props;
	useEffect(() => {
		if (activeIndex === undefined) return;
		setFocused(activeIndex);
		virtual.scrollToIndex(activeIndex);
	}, [activeIndex, virtual]);

	const ensure = source.kind === 'paged' ? source.ensure : undefined;
	const first = virtual.range?.startIndex ?? 0;
	const last = virtual.range?.endIndex ?? 0;
	useEffect(() => ensure?.(first, last + 1), [ensure, first, last]);

	const { toggle, toggleAll, state } = useSelection({ total, at }, rowKey, selection);
	const activate = props.onActivate ?? props.onOpen;
	const open = props.onOpen ?? props.onActivate;
	const latest = useRef({ at, activate, open });
	latest.current = { at, activate, open };
	const call = useCallback((what: 'activate' | 'open', index: number) => {
		const row = latest.current.at(index);
		if (row) latest.current[what]?.(row);
	}, []);
	const onClick = useCallback((index: number) => call('activate', index), [call]);
	const onDoubleClick = useCallback((index: number) => call('open', index), [call]);

	const move = (to: number) => {
		const index = Math.max(0, Math.min(total - 1, to));
		setFocused(index);
		if (!inline) virtual.scrollToIndex(index);
		// The row is there after the next drawing.
		requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
		if (activeKey !== undefined) call('activate', index);
	};
	const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
		const onRow = event.target instanceof HTMLElement && event.target.dataset.index !== undefined;
		if (!onRow || event.ctrlKey || event.metaKey || event.altKey) return;
		const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 2);
		const target: Record<string, number> = {
			ArrowDown: home + 1,
			ArrowUp: home - 1,
			Home: 0,
			End: total - 1,
			PageDown: home + page,
			PageUp: home - page,
		};
		const to = target[event.key];
		if (to !== undefined) move(to);
		else if (event.key === 'Enter') call('open', home);
		else if (event.key === 'Escape' && activeKey !== undefined) props.onDeactivate?.();
		else if (event.key === ' ') selection ? toggle(home, event.shiftKey) : call('activate', home);
		else return;
		event.preventDefault();
	};

	const template = tracks(columns, selection !== undefined, rowActions !== undefined);
	const nothing = !loading && total === 0;
	return (
		<div className={inline ? styles.inlineRoot : styles.root}>
			{(props.toolbar || (menu && total > 0)) && (
				<Toolbar
					menu={menu}
					asOf={props.asOf}
					columns={allColumns}
					roomy={roomy}
					hidden={hidden}
					onHide={setHidden}
					total={total}
					read={source.kind === 'paged' ? source.read : async () => ({ total, rows: rows ?? [] })}
				>
					{props.toolbar}
				</Toolbar>
			)}
			{nothing ? (
				<div className={inline ? undefined : styles.line}>{props.empty}</div>
			) : (
				<div ref={scroll} className={inline ? styles.inlineScroll : styles.scroll}>
					<div
						role="grid"
						aria-label={label}
						aria-rowcount={total + 1}
						aria-busy={loading}
						aria-multiselectable={selection !== undefined}
						tabIndex={-1}
						className={styles.grid}
						style={{ minWidth: leastWidth(columns, selection !== undefined, rowActions !== undefined) }}
						onKeyDown={onKeyDown}
					>
						<Header
							columns={columns}
							sort={sort}
							onSort={onSort ?? (all ? setOwnSort : undefined)}
							template={template}
							inline={inline}
							actions={rowActions !== undefined}
							selected={selection && state}
							onSelectAll={all || selection?.onAll ? toggleAll : undefined}
						/>
						<div role="rowgroup" className={styles.body} style={{ height: count * height }}>
							{items.map(({ index, start }) => {
								const row = at(index);
								const key = row ? rowKey(row) : undefined;
								return (
									<TableRow
										key={index}
										row={row}
										index={index}
										columns={columns}
										template={template}
										style={rowStyle(start, height)}
										inline={inline}
										openable={activate !== undefined}
										active={key !== undefined && key === activeKey}
										focusable={index === home}
										selected={selection && key !== undefined && selection.keys.has(key)}
										onSelect={toggle}
										onClick={onClick}
										onDoubleClick={onDoubleClick}
										onFocus={setFocused}
										rowActions={rowActions}
									/>
								);
							})}
						</div>
					</div>
				</div>
			)}
		</div>
	);
}

const styleOf = new Map<string, { height: number; transform: string }>();

/** The same object for the same place, so that rows which only scroll are not drawn again. */
function rowStyle(start: number, height: number) {
	const key = `${start}/${height}`;
	const known = styleOf.get(key);
	if (known) return known;
	if (styleOf.size > 5_000) styleOf.clear();
	const made = { height, transform: `translateY(${start}px)` };
	styleOf.set(key, made);
	return made;
}
