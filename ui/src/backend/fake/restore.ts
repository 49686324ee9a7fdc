import type { Backend } from '../backend';
import type { ObjectRow, PlanRow, Progress, RestoreRequest } from '../bindings';
import { diffOf } from './diffs';
import { type FakeHost, failure, progress } from './host';
import { afterRun, countActions, type FakePlan, makeEntries, pageOf } from './plans';
import { type FakePoint, findPoint } from './points';
import { runRestore } from './restore-run';
import { select } from './selection';
import { SHOP } from './worlds';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

type RestorePart = Pick<Backend, 'planRestore' | 'planItems' | 'planDiff' | 'startRestore' | 'jobItems'>;

/** The calls about restores. One plan is kept, as the engine does for a window. */
export function restorePart(host: FakeHost, points: FakePoint[]): RestorePart {
	let plan: FakePlan | undefined;
	let plans = 0;
	const reports = new Map<string, PlanRow[]>();
	const current = (id: string): FakePlan => {
		if (plan?.id === id) return plan;
		throw failure('planOutdated', 'this plan is gone, because a newer one took its place', { guidance: 'Plan again.' });
	};
	return {
		async planRestore(request, requestId) {
			const began = host.now().getTime();
			const point = findPoint(points, request.point);
			check(request);
			const why = host.clusterFailure(request.clusterId);
			if (why) {
				await progress(host, requestId, steps(0).slice(0, 1));
				throw why;
			}
			const all = Array.from({ length: point.objects.size }, (_, at) => point.objects.at(at));
			const named = (row: ObjectRow) =>
				[row.resource.includes('.') ? row.resource : `${row.resource}.`, row.namespace, row.name]
					.filter(Boolean)
					.join('/');
			const asked = request.objects;
			const chosen = select(all, request.selection).filter((row) => asked.length === 0 || asked.includes(named(row)));
			await progress(host, requestId, steps(chosen.length));
			const entries = makeEntries(chosen, request);
			const counts = countActions(entries);
			const written = entries.filter(({ row }) => row.action === 'create' || row.action === 'patch');
			const targets = written.map(({ row }) => row.targetNamespace).filter((name) => name !== '');
			plans += 1;
			plan = {
				id: `plan-${plans}`,
				request,
				entries,
				command: command(request, request.clusterId),
				targetNamespaces: [...new Set(targets)].sort(),
			};
			const warnings = chosen.length === 0 ? ['the selection matches no object of this recovery point'] : [];
			if (counts.unchecked > 0) {
				warnings.push(
					`${counts.unchecked} objects could not be looked for; they are tried, and left as they are where they exist`,
				);
			}
			const { id, targetNamespaces } = plan;
			const durationMs = host.now().getTime() - began;
			return {
				id,
				entries: entries.length,
				counts,
				targetNamespaces,
				warnings,
				command: plan.command,
				asOf: host.now().toISOString(),
				durationMs,
			};
		},
		async planItems(planId, query) {
			return pageOf(
				current(planId).entries.map(({ row }) => row),
				query,
			);
		},
		async planDiff(planId, entry) {
			const found = current(planId).entries[entry];
			if (!found) throw failure('notFound', `the plan has no entry ${entry}`);
			return diffOf(found);
		},
		async startRestore(planId) {
			return runRestore(host, current(planId), reports);
		},
		async jobItems(_vaultId, jobId, query) {
			const rows = reports.get(jobId) ?? exampleReport();
			reports.set(jobId, rows);
			return pageOf(rows, query);
		},
	};
}

function check(request: RestoreRequest): void {
	for (const { from, to } of request.mappings) {
		if (!DNS_LABEL.test(to)) {
			throw failure('invalidInput', `namespace mapping ${from}: "${to}" is not the name of a namespace`, {
				guidance: 'Lower-case letters, digits and hyphens; at most 63 characters.',
			});
		}
	}
}

function steps(total: number): Progress[] {
	const comparing = [0.1, 0.35, 0.6, 0.85, 1].map((share) => ({
		phase: 'comparing',
		detail: '',
		done: Math.round(total * share),
		total,
		rate: 41_000,
		remainingMs: Math.round((1 - share) * total * 0.025),
	}));
	return [{ phase: 'reading the recovery point', detail: '', done: 0, rate: 0 }, ...comparing];
}

function command(request: RestoreRequest, cluster: string): string {
	const { selection, mappings, point } = request;
	const flags: [string, string][] = [
		['--include-namespaces', selection.includeNamespaces.join(',')],
		['--exclude-namespaces', selection.excludeNamespaces.join(',')],
		['--include-resources', selection.includeResources.join(',')],
		['--exclude-resources', selection.excludeResources.join(',')],
		['--selector', selection.labelSelector],
		['--namespace-mappings', mappings.map(({ from, to }) => `${from}:${to}`).join(',')],
		['--conflict-policy', request.conflictPolicy === 'patch' ? 'patch' : ''],
		['--volume-mode', request.volumeMode === 'withoutData' ? 'without-data' : ''],
	];
	const given = flags.filter(([, value]) => value !== '').map(([flag, value]) => ` ${flag} ${value}`);
	const secrets = selection.excludeSecrets ? ' --exclude-secrets' : '';
	return `holdfast restore --cluster ${cluster} --vault file:///srv/backups --point ${point.point}${given.join('')}${secrets}`;
}

/** The report of restores that ended before the window was opened. */
export function exampleReport(): PlanRow[] {
	const rows = Array.from({ length: SHOP.size }, (_, at) => SHOP.at(at)).filter(
		({ namespace }) => namespace === 'shop',
	);
	const request: RestoreRequest = {
		point: { vaultId: '', point: '' },
		clusterId: 'sandbox',
		selection: {
			includeNamespaces: ['shop'],
			excludeNamespaces: [],
			includeResources: [],
			excludeResources: [],
			labelSelector: '',
			clusterScoped: 'auto',
			excludeSecrets: false,
		},
		objects: [],
		mappings: [{ from: 'shop', to: 'staging' }],
		conflictPolicy: 'skip',
		volumeMode: 'withData',
	};
	return makeEntries(rows, request).map(afterRun);
}
