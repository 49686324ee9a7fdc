import { Button } from '@fluentui/react-components';
import type { ReactNode } from 'react';
import { FailureView } from '../failure-view';
import { formatCount, plural } from '../format';
import { ProgressLine } from '../progress-line';
import { UpdatedAgo } from '../quantities';
import { shownColumns } from './hidden-columns';
import { useTableStyles } from './styles';
import { TableMenu } from './table-menu';
import type { Column, RowPage } from './types';
import { useExport } from './use-export';

interface ToolbarProps<Row> {
	/** What the table is called in file names; without it there is no menu. */
	menu: string | undefined;
	asOf: string | undefined;
	columns: Column<Row>[];
	/** Those that have room now. */
	roomy: Column<Row>[];
	hidden: ReadonlySet<string>;
	onHide: (hidden: string[]) => void;
	total: number;
	read: (offset: number, limit: number) => Promise<RowPage<Row>>;
	/** Filter and buttons. */
	children: ReactNode;
}

/** What stands above the rows: filter and buttons, the table's menu at the end, and how an export goes below. */
export function Toolbar<Row>(props: ToolbarProps<Row>) {
	const { menu, asOf, columns, roomy, hidden, onHide, total, read, children } = props;
	const styles = useTableStyles();
	const file = useExport(menu ?? '', shownColumns(columns, hidden), read);
	return (
		<>
			<div className={styles.toolbar}>
				<div className={styles.tools}>{children}</div>
				<div className={styles.aside}>
					{asOf && <UpdatedAgo time={asOf} />}
					{menu && (
						<TableMenu
							columns={columns}
							roomy={roomy}
							hidden={hidden}
							onHide={onHide}
							total={total}
							busy={file.busy}
							onExport={file.start}
						/>
					)}
				</div>
			</div>
			<div className={styles.told}>
				{file.reading && (
					<ProgressLine
						label="Exporting"
						progress={{ phase: 'reading rows', detail: '', rate: 0, ...file.reading }}
						onCancel={file.reset}
					/>
				)}
				{file.error && (
					<FailureView
						failure={file.error}
						onRetry={file.retry}
						actions={
							<Button size="small" onClick={file.reset}>
								Dismiss
							</Button>
						}
					/>
				)}
				{file.exported && (
					<div role="status" className={styles.tools} style={{ fontSize: 13, overflowWrap: 'anywhere' }}>
						{exportedWords(file.exported)}
						<Button size="small" appearance="subtle" onClick={file.reset}>
							Dismiss
						</Button>
					</div>
				)}
			</div>
		</>
	);
}

function exportedWords({ rows, total, path }: { rows: number; total: number; path: string }): string {
	const what = rows < total ? `The first ${formatCount(rows)} of ${formatCount(total)} rows` : plural(rows, 'row');
	return `${what} written to ${path}`;
}
