import {
	Button,
	Menu,
	MenuDivider,
	MenuGroup,
	MenuGroupHeader,
	MenuItem,
	MenuItemCheckbox,
	MenuList,
	MenuPopover,
	MenuTrigger,
	Tooltip,
} from '@fluentui/react-components';
import { TableSettingsRegular } from '@fluentui/react-icons';
import { formatCount, plural } from '../format';
import type { ExportFormat } from './export-text';
import { shownColumns } from './hidden-columns';
import type { Column } from './types';
import { MOST_ROWS } from './use-export';

interface TableMenuProps<Row> {
	columns: Column<Row>[];
	/** Those that have room now. */
	roomy: Column<Row>[];
	hidden: ReadonlySet<string>;
	onHide: (hidden: string[]) => void;
	/** How many rows there are to export. */
	total: number;
	/** Whether an export is under way. */
	busy: boolean;
	onExport: (format: ExportFormat) => void;
}

/** Which columns are shown, and what can be done with the rows as a whole. */
export function TableMenu<Row>(props: TableMenuProps<Row>) {
	const { columns, roomy, hidden, onHide, total, busy, onExport } = props;
	const shown = shownColumns(columns, hidden).map(({ id }) => id);
	const rows = total > MOST_ROWS ? `the first ${formatCount(MOST_ROWS)} rows` : plural(total, 'row');
	return (
		<Menu
			checkedValues={{ columns: shown }}
			onCheckedValueChange={(_, { checkedItems }) =>
				onHide(columns.map(({ id }) => id).filter((id) => !checkedItems.includes(id)))
			}
		>
			<MenuTrigger disableButtonEnhancement>
				<Tooltip content="Columns and export" relationship="label">
					<Button size="small" appearance="subtle" icon={<TableSettingsRegular />} />
				</Tooltip>
			</MenuTrigger>
			<MenuPopover>
				<MenuList>
					<MenuGroup>
						<MenuGroupHeader>Columns</MenuGroupHeader>
						{columns.map((column) => (
							<MenuItemCheckbox
								key={column.id}
								name="columns"
								value={column.id}
								disabled={column.fixed ?? false}
								secondaryContent={roomy.some(({ id }) => id === column.id) ? null : 'no room now'}
							>
								{column.header}
							</MenuItemCheckbox>
						))}
						<MenuItem disabled={shown.length === columns.length} onClick={() => onHide([])}>
							Show all columns
						</MenuItem>
					</MenuGroup>
					<MenuDivider />
					<MenuGroup>
						<MenuGroupHeader>As filtered and sorted</MenuGroupHeader>
						<MenuItem disabled={busy || total === 0} onClick={() => onExport('csv')}>
							Export {rows} as CSV…
						</MenuItem>
						<MenuItem disabled={busy || total === 0} onClick={() => onExport('json')}>
							Export {rows} as JSON…
						</MenuItem>
					</MenuGroup>
				</MenuList>
			</MenuPopover>
		</Menu>
	);
}
