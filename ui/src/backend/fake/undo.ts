import type { Backend } from '../backend';
import type { PlanRow, RestoreRequest, UndoSummary } from '../bindings';
import { type FakeHost, failure, progress } from './host';
import { countActions, type Entry, pageOf } from './plans';
import { runPlan } from './restore-run';

/** A restore that ran: what was asked for, its entries, and its report. */
export interface Past {
	request: RestoreRequest;
	entries: Entry[];
	report: PlanRow[];
}

interface Undo {
	request: RestoreRequest;
	entries: Entry[];
}

function undone({ object, row }: Entry, entry: number): Entry {
	const back = { ...row, entry, outcome: 'planned' as const, pruned: [], modifiers: [] };
	if (row.outcome === 'created') {
		return { object, row: { ...back, action: 'delete', reason: 'the restore created it', summary: '', changes: 0 } };
	}
	const action = row.outcome === 'patched' ? 'patch' : 'recreate';
	return { object, row: { ...back, action, reason: 'gets what it had before the restore' } };
}

type UndoPart = Pick<Backend, 'planUndo' | 'undoItems' | 'startUndo'>;

/** The calls about undoing restores; `past` gives what is known of one. */
export function undoPart(host: FakeHost, past: (id: string) => Past, reports: Map<string, PlanRow[]>): UndoPart {
	const undos = new Map<string, Undo>();
	const kept = (id: string): Undo => {
		const undo = undos.get(id);
		if (undo) return undo;
		throw failure('planOutdated', 'this plan is not kept any more', {
			guidance: 'Look again at what undoing would do.',
		});
	};
	return {
		async planUndo(_, jobId, requestId): Promise<UndoSummary> {
			const { request, entries, report } = past(jobId);
			await progress(host, requestId, [{ phase: 'comparing', detail: '', done: 0, rate: 0 }]);
			const written = entries
				.map(({ object }, at) => ({ object, row: report[at] as PlanRow }))
				.filter(({ row }) => ['created', 'patched', 'recreated'].includes(row.outcome))
				.map(undone);
			const id = `undo-${undos.size + 1}`;
			undos.set(id, { request, entries: written });
			return {
				id,
				jobs: [jobId],
				cluster: host.clusterName(request.clusterId),
				entries: written.length,
				counts: countActions(written),
				warnings: ['what controllers made of the restored objects goes with them'],
				asOf: host.now().toISOString(),
			};
		},
		async undoItems(undoId, query) {
			return pageOf(
				kept(undoId).entries.map(({ row }) => row),
				query,
			);
		},
		async startUndo(undoId) {
			const { request, entries } = kept(undoId);
			undos.delete(undoId);
			return runPlan(host, 'undo', { id: undoId, request, entries }, reports);
		},
	};
}
