import { useCallback, useRef } from 'react';
import type { DataTableProps } from './types';

interface Rows<Row> {
	total: number;
	at: (index: number) => Row | undefined;
}

/** Selecting one row, a range with Shift, or all rows. */
export function useSelection<Row>(
	rows: Rows<Row>,
	rowKey: (row: Row) => string,
	selection: DataTableProps<Row>['selection'],
) {
	const anchor = useRef(0);
	const latest = useRef({ rows, rowKey, selection });
	latest.current = { rows, rowKey, selection };

	const toggle = useCallback((index: number, range: boolean) => {
		const { rows, rowKey, selection } = latest.current;
		const row = rows.at(index);
		if (!selection || !row) return;
		const keys = new Set(selection.keys);
		const on = !keys.has(rowKey(row));
		const from = range ? anchor.current : index;
		if (from !== index && selection.onRange) {
			selection.onRange(Math.min(from, index), Math.max(from, index), on);
			anchor.current = index;
			return;
		}
		for (let at = Math.min(from, index); at <= Math.max(from, index); at += 1) {
			const each = rows.at(at);
			if (!each) continue;
			if (on) keys.add(rowKey(each));
			else keys.delete(rowKey(each));
		}
		anchor.current = index;
		selection.onChange(keys);
	}, []);

	const all = (): string[] => {
		const keys: string[] = [];
		for (let at = 0; at < rows.total; at += 1) {
			const row = rows.at(at);
			if (row) keys.push(rowKey(row));
		}
		return keys;
	};
	const size = selection?.keys.size ?? 0;
	const state: 'all' | 'some' | 'none' = size === 0 ? 'none' : size >= rows.total ? 'all' : 'some';
	const toggleAll = () => {
		if (selection?.onAll) selection.onAll(state !== 'all');
		else selection?.onChange(new Set(state === 'all' ? [] : all()));
	};
	return { toggle, toggleAll, state };
}
