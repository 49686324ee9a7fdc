import { useState } from 'react';
import { readStored, writeStored } from '../stored';
import type { Column } from './types';

const key = (menu: string): string => `hidden-columns.${menu}`;

function read(menu: string): string[] {
	try {
		const stored: unknown = JSON.parse(readStored(key(menu)) ?? '[]');
		return Array.isArray(stored) ? stored.filter((id) => typeof id === 'string') : [];
	} catch {
		return [];
	}
}

/** The columns that are not put away. */
export function shownColumns<Row>(columns: Column<Row>[], hidden: ReadonlySet<string>): Column<Row>[] {
	return columns.filter(({ id, fixed }) => fixed || !hidden.has(id));
}

/** The columns that were put away, remembered per table: columns that come later are shown. */
export function useHiddenColumns(menu: string | undefined): [ReadonlySet<string>, (hidden: string[]) => void] {
	const [hidden, setHidden] = useState<ReadonlySet<string>>(() => new Set(menu ? read(menu) : []));
	return [
		hidden,
		(to) => {
			setHidden(new Set(to));
			if (menu) writeStored(key(menu), JSON.stringify(to));
		},
	];
}
