import type { PlanRow } from '@/backend/bindings';
import { PAGE, type RowSource } from '@/shared/table';
import { entryKey } from './entry-columns';
import { differs } from './words';

/** An entry whose pane is open; `index` where it was walked to, so that the table follows. */
export interface Reached {
	row: PlanRow;
	index?: number;
}

type Source = Extract<RowSource<PlanRow>, { kind: 'paged' }>;

function indexOf(source: Source, row: PlanRow): number {
	for (let at = 0; at < source.total; at += 1) {
		const each = source.rowAt(at);
		if (each && entryKey(each) === entryKey(row)) return at;
	}
	return -1;
}

/** Gives a function that goes to the next or previous entry with differences, fetching pages that it comes through. */
export function useWalk(
	source: Source,
	active: Reached | undefined,
	onReach: (reached: Reached) => void,
): (step: 1 | -1) => void {
	return (step) => {
		const from = active ? (active.index ?? indexOf(source, active.row)) : step > 0 ? -1 : source.total;
		const pages = new Map<number, PlanRow[]>();
		const rowAt = async (at: number): Promise<PlanRow | undefined> => {
			const known = source.rowAt(at);
			if (known) return known;
			const page = Math.floor(at / PAGE);
			const rows = pages.get(page) ?? (await source.read(page * PAGE, PAGE)).rows;
			pages.set(page, rows);
			return rows[at % PAGE];
		};
		const go = async () => {
			for (let at = from + step; at >= 0 && at < source.total; at += step) {
				const row = await rowAt(at);
				if (row && differs(row)) return onReach({ row, index: at });
			}
		};
		// A page that cannot be fetched shows in the table itself, which asks for it as well.
		go().catch(() => {});
	};
}
