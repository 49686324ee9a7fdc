import { mergeClasses } from '@fluentui/react-components';
import { ArrowDownRegular, ArrowUpRegular } from '@fluentui/react-icons';
import { useTableStyles } from './styles';
import type { Column, Sort } from './types';

interface HeaderProps<Row> {
	columns: Column<Row>[];
	sort: Sort | undefined;
	onSort: ((sort: Sort) => void) | undefined;
	template: string;
	inline: boolean;
	actions: boolean;
	/** Whether all, some or none are selected; absent where nothing can be selected. */
	selected?: 'all' | 'some' | 'none' | undefined;
	onSelectAll: (() => void) | undefined;
}

export function Header<Row>(props: HeaderProps<Row>) {
	const { columns, sort, onSort, template, inline, actions, selected, onSelectAll } = props;
	const styles = useTableStyles();
	return (
		<div
			role="row"
			aria-rowindex={1}
			className={mergeClasses(styles.line, styles.header, inline && styles.inlineLine)}
			style={{ gridTemplateColumns: template }}
		>
			{selected && (
				<div role="columnheader" className={styles.edge}>
					{onSelectAll && (
						<input
							type="checkbox"
							className={styles.check}
							aria-label="Select all rows"
							checked={selected === 'all'}
							ref={(input) => {
								if (input) input.indeterminate = selected === 'some';
							}}
							onChange={onSelectAll}
						/>
					)}
				</div>
			)}
			{columns.map((column) => {
				const order = sort?.column === column.id ? (sort.descending ? 'descending' : 'ascending') : undefined;
				const Arrow = order === 'descending' ? ArrowDownRegular : ArrowUpRegular;
				return (
					<div
						key={column.id}
						role="columnheader"
						aria-sort={order}
						className={mergeClasses(styles.cell, column.align === 'end' && styles.end)}
						title={column.header}
					>
						{column.sortable && onSort ? (
							<button
								type="button"
								className={styles.sort}
								onClick={() => onSort({ column: column.id, descending: order === 'ascending' })}
							>
								{column.header}
								{order && <Arrow fontSize={12} aria-hidden />}
							</button>
						) : (
							column.header
						)}
					</div>
				);
			})}
			{actions && <div role="columnheader" aria-label="Actions" />}
		</div>
	);
}
