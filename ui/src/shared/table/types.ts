import type { ReactNode } from 'react';

/** A column. `text` is what is sorted by, shown where there is no `render`, and read on hover. */
export interface Column<Row> {
	id: string;
	header: string;
	/** Pixels; at least this many where the column grows. */
	width?: number;
	/** Share of the space that is left. */
	grow?: number;
	align?: 'end';
	mono?: boolean;
	sortable?: boolean;
	text: (row: Row) => string;
	/** What to sort by where the text does not sort, such as a time or a size. */
	sortKey?: (row: Row) => number | string;
	render?: (row: Row) => ReactNode;
	/** Whether it is always shown, because rows are told apart by it. */
	fixed?: boolean;
	/** What exports say instead of the text: numbers as they are, times by ISO 8601, nothing where nothing is known. */
	export?: (row: Row) => string | number;
	/** Header in exports, where it has to name a unit. */
	exportHeader?: string;
}

/** Some rows of those that match. */
export interface RowPage<Row> {
	/** How many match. */
	total: number;
	rows: Row[];
}

/** All rows, which the table sorts by itself; or rows that come in pages, sorted by whoever makes them. */
export type RowSource<Row> =
	| { kind: 'all'; rows: Row[] }
	| {
			kind: 'paged';
			total: number;
			/** The row at this place, if it has been fetched. */
			rowAt: (index: number) => Row | undefined;
			/** Asks for the rows from `from` up to and without `to`. */
			ensure: (from: number, to: number) => void;
			/** Fetches at most `limit` rows from `offset` on, at most 1,000, whether they are in sight or not. */
			read: (offset: number, limit: number) => Promise<RowPage<Row>>;
	  };

export interface Sort {
	column: string;
	descending: boolean;
}

export interface RowAction {
	label: string;
	run: () => void;
	disabled?: boolean;
}

export interface DataTableProps<Row> {
	/** What the rows are, for screen readers. */
	label: string;
	columns: Column<Row>[];
	/** All columns, where `columns` are only those that have room beside a pane; these are chosen from and exported. */
	allColumns?: Column<Row>[];
	/**
	 * What the table is called in file names, such as `recovery-points`. It then has a menu to choose its columns,
	 * which are remembered under this name, and to export its rows.
	 */
	menu?: string;
	/** When the rows were read. */
	asOf?: string | undefined;
	rowKey: (row: Row) => string;
	source: RowSource<Row>;
	/** Whether the first rows are still on their way. */
	loading?: boolean;
	/** The order; for `kind: 'all'` the table keeps it by itself where `onSort` is not given. */
	sort?: Sort;
	onSort?: (sort: Sort) => void;
	/** The row whose pane is open. */
	activeKey?: string | undefined;
	/** Where that row is, if it was reached from outside of the table, which then follows. */
	activeIndex?: number | undefined;
	/** A row was clicked, or walked to while a pane is open. */
	onActivate?: (row: Row) => void;
	/** Escape was pressed on a row while a pane is open. */
	onDeactivate?: () => void;
	/** A row was double-clicked, or Enter was pressed on it; the same as `onActivate` where not given. */
	onOpen?: (row: Row) => void;
	selection?: {
		keys: ReadonlySet<string>;
		onChange: (keys: ReadonlySet<string>) => void;
		/** Selects the rows from one place to another; for rows that come in pages, some of which are not there yet. */
		onRange?: (from: number, to: number, on: boolean) => void;
		/** Selects all rows that match, or none; for rows that come in pages. */
		onAll?: (on: boolean) => void;
	};
	rowActions?: (row: Row) => RowAction[];
	/** What to say where there are no rows. */
	empty: ReactNode;
	/** Filter and buttons above the rows. */
	toolbar?: ReactNode;
	/** Shows all rows in the flow of the page instead of filling and scrolling; for short lists only. */
	inline?: boolean;
}
