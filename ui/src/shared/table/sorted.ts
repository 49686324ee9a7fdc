import type { Column, Sort } from './types';

/** `node-9` comes before `node-10`. */
const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The rows in order; equal ones stay as they were. */
export function sorted<Row>(rows: Row[], columns: Column<Row>[], sort: Sort | undefined): Row[] {
	const column = columns.find((each) => each.id === sort?.column);
	if (!sort || !column) return rows;
	const key = column.sortKey ?? column.text;
	const sign = sort.descending ? -1 : 1;
	return rows.toSorted((a, b) => {
		const [x, y] = [key(a), key(b)];
		return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : collator.compare(String(x), String(y)));
	});
}
