import { Button, Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, mergeClasses } from '@fluentui/react-components';
import { MoreHorizontalRegular } from '@fluentui/react-icons';
import { type CSSProperties, type MouseEvent, memo, useState } from 'react';
import { useTableStyles } from './styles';
import type { Column, RowAction } from './types';

interface RowProps<Row> {
	row: Row | undefined;
	index: number;
	columns: Column<Row>[];
	template: string;
	style: CSSProperties;
	inline: boolean;
	openable: boolean;
	active: boolean;
	/** Whether Tab leads to this row. */
	focusable: boolean;
	selected: boolean | undefined;
	onSelect: (index: number, range: boolean) => void;
	onClick: (index: number) => void;
	onDoubleClick: (index: number) => void;
	onFocus: (index: number) => void;
	rowActions: ((row: Row) => RowAction[]) | undefined;
}

function RowOf<Row>(props: RowProps<Row>) {
	const { row, index, columns, template, style, inline, openable, active, focusable, selected, rowActions } = props;
	const styles = useTableStyles();
	const check = (event: MouseEvent) => {
		event.stopPropagation();
		props.onSelect(index, event.shiftKey);
	};
	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles the keys of all its rows
		<div
			role="row"
			aria-rowindex={index + 2}
			aria-selected={selected ?? active}
			aria-busy={row === undefined}
			data-index={index}
			tabIndex={focusable ? 0 : -1}
			className={mergeClasses(
				styles.line,
				styles.row,
				inline && styles.inlineLine,
				openable && styles.openable,
				active && styles.active,
			)}
			style={{ ...style, gridTemplateColumns: template }}
			onClick={() => props.onClick(index)}
			onDoubleClick={() => props.onDoubleClick(index)}
			onFocus={() => props.onFocus(index)}
		>
			{selected !== undefined && (
				<div role="gridcell" className={styles.edge}>
					<input
						type="checkbox"
						tabIndex={-1}
						className={styles.check}
						aria-label="Select row"
						checked={selected}
						onClick={check}
						readOnly
					/>
				</div>
			)}
			{columns.map((column) => (
				<div
					key={column.id}
					role="gridcell"
					className={mergeClasses(styles.cell, column.align === 'end' && styles.end, column.mono && styles.mono)}
					title={row && column.text(row)}
				>
					{row ? (column.render?.(row) ?? column.text(row)) : <div className={styles.bone} />}
				</div>
			))}
			{rowActions && (
				<div role="gridcell" className={styles.edge}>
					{row && <Actions actions={() => rowActions(row)} focusable={focusable} />}
				</div>
			)}
		</div>
	);
}

/** Rows are drawn again only when something of theirs changes: there are many, and scrolling must not wait. */
export const TableRow = memo(RowOf) as typeof RowOf;

/** The menu is only built when it is opened: there are many rows. */
function Actions({ actions, focusable }: { actions: () => RowAction[]; focusable: boolean }) {
	const styles = useTableStyles();
	const [open, setOpen] = useState(false);
	const list = open ? actions() : [];
	return (
		// biome-ignore lint/a11y/noStaticElementInteractions: keeps clicks and keys in the menu from reaching the row
		<div
			className={open ? undefined : mergeClasses('row-actions', styles.actions)}
			onClick={(event) => event.stopPropagation()}
			onDoubleClick={(event) => event.stopPropagation()}
			onKeyDown={(event) => event.stopPropagation()}
		>
			<Menu open={open} onOpenChange={(_, data) => setOpen(data.open)}>
				<MenuTrigger disableButtonEnhancement>
					<Button
						size="small"
						appearance="subtle"
						tabIndex={focusable ? 0 : -1}
						aria-label="Actions"
						title="Actions"
						icon={<MoreHorizontalRegular />}
					/>
				</MenuTrigger>
				<MenuPopover>
					<MenuList>
						{list.map((action) => (
							<MenuItem key={action.label} disabled={action.disabled ?? false} onClick={action.run}>
								{action.label}
							</MenuItem>
						))}
					</MenuList>
				</MenuPopover>
			</Menu>
		</div>
	);
}
