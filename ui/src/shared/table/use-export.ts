import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useBackend } from '../backend-context';
import { formatAbsolute } from '../format';
import { useSettings } from '../settings';
import { type ExportFormat, exportText } from './export-text';
import type { Column, RowPage } from './types';

/** Rows asked for at once; the engine gives no more. */
const CHUNK = 1_000;
/** Rows written at most: the text of these still fits well into memory. */
export const MOST_ROWS = 200_000;

interface Exported {
	path: string;
	rows: number;
	/** How many rows match. */
	total: number;
}

/** Writes all rows that match, in their order, to a file that the person chooses. */
export function useExport<Row>(
	name: string,
	columns: Column<Row>[],
	read: (offset: number, limit: number) => Promise<RowPage<Row>>,
) {
	const backend = useBackend();
	const { times } = useSettings();
	const [reading, setReading] = useState<{ done: number; total?: number }>();
	const run = useRef<AbortController>(undefined);
	useEffect(() => () => run.current?.abort(), []);
	const write = useMutation({
		mutationFn: async (format: ExportFormat): Promise<Exported | null> => {
			const own = new AbortController();
			run.current = own;
			setReading({ done: 0 });
			const text = exportText(format, columns);
			let rows = 0;
			let total = MOST_ROWS;
			while (rows < Math.min(total, MOST_ROWS)) {
				const page = await read(rows, Math.min(CHUNK, MOST_ROWS - rows));
				if (own.signal.aborted) return null;
				const taken = page.rows.slice(0, MOST_ROWS - rows);
				text.add(taken);
				rows += taken.length;
				// Rows may have gone meanwhile.
				total = taken.length === 0 ? rows : page.total;
				setReading({ done: rows, total: Math.min(total, MOST_ROWS) });
			}
			setReading(undefined);
			const day = formatAbsolute(new Date().toISOString(), times).slice(0, 10);
			const path = await backend.saveText(`holdfast-${name}-${day}.${format}`, text.text());
			return path === null ? null : { path, rows, total };
		},
		onError: () => setReading(undefined),
	});
	const reset = () => {
		run.current?.abort();
		setReading(undefined);
		write.reset();
	};
	return {
		start: write.mutate,
		/** Stops reading, or forgets how it ended. */
		reset,
		retry: () => write.variables && write.mutate(write.variables),
		busy: write.isPending,
		/** How many rows have been fetched; undefined once all are there. */
		reading,
		exported: write.data,
		error: write.error,
	};
}
