import type { RestoreRequest } from '../bindings';
import { failure } from './host';
import type { Entry, FakePlan } from './plans';

const KIND = 'RestorePlan';

/** A plan as the text of a file; the engine's holds every entry. */
export function savedText({ request, entries }: FakePlan): string {
	return `${JSON.stringify({ kind: KIND, request, entries: entries.map(({ row }) => row) }, null, 2)}\n`;
}

/** What a saved plan asks for. */
export function opened(text: string): RestoreRequest {
	const wrong = failure('invalidInput', 'this is no saved plan: it is not the JSON that Holdfast writes');
	try {
		const saved = JSON.parse(text) as { kind?: string; request: RestoreRequest };
		if (saved.kind === KIND) return saved.request;
	} catch {
		// Said below.
	}
	throw wrong;
}

/** Two objects that changed after the plan was saved. */
export function drifted(entries: Entry[]): Entry[] {
	const changed = entries.filter(({ row }) => row.changes > 0).slice(0, 2);
	const reason = 'its live object changed since the plan was saved; plan it again, or accept what changed';
	return entries.map((entry) =>
		changed.includes(entry) ? { object: entry.object, row: { ...entry.row, action: 'blocked', reason } } : entry,
	);
}
