import { THIN } from '../format';
import type { Column } from './types';

export type ExportFormat = 'csv' | 'json';

/** Spreadsheets take a field that begins like this for a formula, and run it. */
const FORMULA = /^[=+\-@\t\r]/;
const QUOTED = /[",\r\n]/;

/** A field of a CSV file by RFC 4180. */
function field(value: string | number): string {
	if (typeof value === 'number') return String(value);
	const harmless = FORMULA.test(value) ? `'${value}` : value;
	return QUOTED.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

const line = (values: (string | number)[]): string => `${values.map(field).join(',')}\r\n`;

function exported<Row>(column: Column<Row>, row: Row): string | number {
	// Thousands are separated for eyes only.
	return column.export ? column.export(row) : column.text(row).replaceAll(THIN, '');
}

/** Puts rows into a file's text as they come. CSV has the headers of the columns, JSON their identities. */
export function exportText<Row>(format: ExportFormat, columns: Column<Row>[]) {
	const parts: string[] = [];
	const json = (row: Row) => JSON.stringify(Object.fromEntries(columns.map((each) => [each.id, exported(each, row)])));
	const csv = (row: Row) => line(columns.map((each) => exported(each, row)));
	return {
		add(rows: Row[]): void {
			for (const row of rows) parts.push(format === 'csv' ? csv(row) : json(row));
		},
		text(): string {
			if (format === 'json') return `[\n${parts.join(',\n')}\n]\n`;
			return line(columns.map((each) => each.exportHeader ?? each.header)) + parts.join('');
		},
	};
}
