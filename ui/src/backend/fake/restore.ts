import type { Backend } from '../backend';
import type { PlanRow, PlanSummary, Progress, RestoreRequest } from '../bindings';
import { diffOf } from './diffs';
import { EXAMPLE_REQUEST, exampleEntries, exampleReport } from './example-restore';
import { type FakeHost, failure, progress } from './host';
import { named } from './names';
import { countActions, type Entry, type FakePlan, makeEntries, pageOf } from './plans';
import { type FakePoint, findPoint } from './points';
import { tried } from './preflight';
import { runPlan } from './restore-run';
import { drifted, opened, savedText } from './saved-plans';
import { select } from './selection';
import { type Past, undoPart } from './undo';

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Plans that are kept, as the engine does. */
const KEPT = 3;

type RestorePart = Pick<
	Backend,
	| 'planRestore'
	| 'planItems'
	| 'planDiff'
	| 'validatePlan'
	| 'planText'
	| 'openPlan'
	| 'planRetry'
	| 'startRestore'
	| 'planUndo'
	| 'undoItems'
	| 'startUndo'
	| 'jobItems'
>;

/** The calls about restores. */
export function restorePart(host: FakeHost, points: FakePoint[]): RestorePart {
	const plans: FakePlan[] = [];
	let made = 0;
	const ran = new Map<string, FakePlan>();
	const reports = new Map<string, PlanRow[]>();
	const current = (id: string): FakePlan => {
		const plan = plans.find((each) => each.id === id);
		if (plan) return plan;
		throw failure('planOutdated', 'this plan is gone, because a newer one took its place', { guidance: 'Plan again.' });
	};
	const keep = (plan: Omit<FakePlan, 'id' | 'asOf'>): PlanSummary => {
		made += 1;
		const kept = { ...plan, id: `plan-${made}`, asOf: host.now().toISOString() };
		plans.unshift(kept);
		plans.splice(KEPT);
		return summaryOf(kept);
	};
	const entriesOf = async (request: RestoreRequest, requestId: string): Promise<Entry[]> => {
		const point = findPoint(points, request.point);
		check(request);
		const why = host.clusterFailure(request.clusterId);
		if (why) {
			await progress(host, requestId, steps(0).slice(0, 1));
			throw why;
		}
		const all = Array.from({ length: point.objects.size }, (_, at) => point.objects.at(at));
		const asked = request.objects;
		const chosen = select(all, request.selection).filter((row) => asked.length === 0 || asked.includes(named(row)));
		await progress(host, requestId, steps(chosen.length));
		return makeEntries(chosen, request);
	};
	const plan = async (request: RestoreRequest, requestId: string, change = (entries: Entry[]) => entries) => {
		const began = host.now().getTime();
		const entries = change(await entriesOf(request, requestId));
		const { unchecked } = countActions(entries);
		const warnings = entries.length === 0 ? ['the selection matches no object of this recovery point'] : [];
		if (unchecked > 0) {
			warnings.push(
				`${unchecked} objects could not be looked for; they are tried, and left as they are where they exist`,
			);
		}
		const durationMs = host.now().getTime() - began;
		return { request, entries, command: '', findings: [], validated: false, warnings, durationMs };
	};
	const past = (jobId: string): Past => {
		const known = ran.get(jobId);
		if (known) return { ...known, report: reports.get(jobId) ?? [] };
		if (jobId === 'job-restore-1')
			return { request: EXAMPLE_REQUEST, entries: exampleEntries(), report: exampleReport() };
		throw failure(
			'notFound',
			`job ${jobId} has no journal: it is not a restore that wrote something, or its vault could only be read. Restore again instead: what is there already is left alone`,
		);
	};
	return {
		...undoPart(host, past, reports),
		async planRestore(request, requestId) {
			return keep({ ...(await plan(request, requestId)), command: command(request, request.clusterId) });
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
		async validatePlan(planId, requestId) {
			const before = current(planId);
			const total = before.entries.length;
			const trial = { phase: 'trying', detail: '', total, rate: 800 };
			await progress(
				host,
				requestId,
				[0, 0.3, 0.6, 1].map((share) => ({ ...trial, done: Math.round(total * share) })),
			);
			plans.splice(plans.indexOf(before), 1);
			return keep({ ...tried(before), command: before.command && `${before.command} --validate server` });
		},
		planText: async (planId) => savedText(current(planId)),
		async openPlan(vaultId, clusterId, text, acceptDrift, requestId) {
			const saved = opened(text);
			const request = { ...saved, clusterId, point: { vaultId, point: saved.point.point } };
			return keep(await plan(request, requestId, acceptDrift ? undefined : drifted));
		},
		async planRetry(_, jobId, requestId) {
			const { request, report } = past(jobId);
			const key = ({ kind, namespace, name }: PlanRow) => [kind, namespace, name].join('/');
			const outcomes = new Map(report.map((row) => [key(row), row.outcome]));
			const settle = (entries: Entry[]): Entry[] =>
				entries.map(({ object, row }) => {
					const outcome = outcomes.get(key(row));
					const earlier = outcome !== undefined && !['failed', 'blocked', 'planned'].includes(outcome);
					if (!earlier) return { object, row };
					// What was written is there by now, and says what it should.
					const action = row.action === 'create' || row.action === 'patch' ? 'identical' : row.action;
					return { object, row: { ...row, action, earlier, outcome } };
				});
			return keep(await plan(request, requestId, settle));
		},
		async startRestore(planId) {
			const plan = current(planId);
			const id = runPlan(host, 'restore', plan, reports);
			ran.set(id, plan);
			return id;
		},
		async jobItems(_vaultId, jobId, query) {
			const rows = reports.get(jobId) ?? exampleReport();
			reports.set(jobId, rows);
			return pageOf(rows, query);
		},
	};
}

function summaryOf({ id, request, entries, findings, validated, warnings, command, ...rest }: FakePlan): PlanSummary {
	const written = entries.filter(({ row }) => !row.earlier && ['create', 'patch', 'recreate'].includes(row.action));
	const targets = written.map(({ row }) => row.targetNamespace).filter((name) => name !== '');
	return {
		id,
		entries: entries.length,
		counts: countActions(entries),
		targetNamespaces: [...new Set(targets)].sort(),
		warnings,
		request,
		validated,
		findings,
		earlier: entries.filter(({ row }) => row.earlier).length,
		command,
		asOf: rest.asOf,
		durationMs: rest.durationMs,
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
		['--exclude-objects', request.exclusions.join(',')],
		['--policy-for', request.policies.join(',')],
		['--namespace-mappings', mappings.map(({ from, to }) => `${from}:${to}`).join(',')],
		['--conflict-policy', request.conflictPolicy === 'patch' ? 'patch' : ''],
		...request.storageClasses.map(({ from, to }): [string, string] => ['--storage-class-mapping', `${from}=${to}`]),
		['--volume-mode', request.volumeMode === 'withoutData' ? 'without-data' : ''],
		['--volume-timeout', request.volumeTimeoutSeconds === undefined ? '' : `${request.volumeTimeoutSeconds / 60}m`],
		['--hooks', request.hooks.join(',')],
	];
	const given = flags.filter(([, value]) => value !== '').map(([flag, value]) => ` ${flag} ${value}`);
	const secrets = selection.excludeSecrets ? ' --exclude-secrets' : '';
	return `holdfast restore --cluster ${cluster} --vault file:///srv/backups --point ${point.point}${given.join('')}${secrets}`;
}
