import type {
	Action,
	ActionCounts,
	Finding,
	JobWarning,
	ObjectRow,
	Outcome,
	PlanPage,
	PlanQuery,
	PlanRow,
	RestoreRequest,
} from '../bindings';
import { decide, refusal } from './decide';
import { modifiersWords } from './modifiers';
import { matches } from './words';

/** One entry, with the object that it is about. */
export interface Entry {
	object: ObjectRow;
	row: PlanRow;
}

export interface FakePlan {
	id: string;
	request: RestoreRequest;
	entries: Entry[];
	command: string;
	findings: Finding[];
	validated: boolean;
	warnings: string[];
	asOf: string;
	durationMs: number;
}

const WAVES: [label: string, kinds: string[]][] = [
	['definitions', ['CustomResourceDefinition']],
	['namespaces', ['Namespace']],
	['storage and accounts', ['PersistentVolume', 'PersistentVolumeClaim', 'ServiceAccount', 'StorageClass']],
	[
		'configuration',
		[
			'ConfigMap',
			'Secret',
			'Role',
			'RoleBinding',
			'ClusterRole',
			'ClusterRoleBinding',
			'PriorityClass',
			'NetworkPolicy',
		],
	],
	['custom resources', ['Certificate']],
	['interception', ['ResourceQuota']],
];

/** Which wave of a restore writes this kind; its label and its place. */
export function waveOf(kind: string): [order: number, label: string] {
	const at = WAVES.findIndex(([, kinds]) => kinds.includes(kind));
	if (at < 0) return [3.5, 'workloads'];
	return [at, WAVES[at]?.[0] ?? ''];
}

export function countActions(entries: Entry[]): ActionCounts {
	const counts: ActionCounts = {
		create: 0,
		patch: 0,
		recreate: 0,
		delete: 0,
		skip: 0,
		identical: 0,
		blocked: 0,
		derived: 0,
		unchecked: 0,
	};
	for (const { row } of entries) if (!row.earlier) counts[row.action] += 1;
	return counts;
}

function short(text: string): string {
	const plain = text.startsWith('"') ? text.slice(1, -1) : text;
	return plain.length > 24 ? `${plain.slice(0, 10)}…${plain.slice(-12)}` : plain;
}

export function makeEntries(objects: ObjectRow[], request: RestoreRequest): Entry[] {
	const mapped = new Map(request.mappings.map(({ from, to }) => [from, to]));
	const ordered = objects
		.map((object) => ({ object, wave: waveOf(object.kind)[0] }))
		.sort((a, b) => a.wave - b.wave || a.object.row - b.object.row);
	return ordered.map(({ object }, entry) => {
		const isNamespace = object.kind === 'Namespace';
		const targetNamespace = mapped.get(object.namespace) ?? object.namespace;
		const targetName = isNamespace ? (mapped.get(object.name) ?? object.name) : object.name;
		const decision =
			isNamespace && targetName !== object.name
				? { action: 'identical' as const, reason: '', changes: [] }
				: decide(object, targetNamespace, request);
		const first = decision.changes[0];
		const row: PlanRow = {
			entry,
			group: object.group,
			version: object.version,
			kind: object.kind,
			namespace: object.namespace,
			name: object.name,
			targetNamespace,
			targetName,
			action: decision.action,
			outcome: 'planned',
			reason: decision.reason,
			summary: first ? `${first.path.split('/').at(-1)} ${short(first.live) || 'none'} → ${short(first.point)}` : '',
			changes: decision.changes.length,
			pruned: [],
			modifiers: modifiersWords(object, request.modifiers),
			earlier: false,
		};
		return { object, row };
	});
}

const DONE: Record<Action, Outcome> = {
	create: 'created',
	patch: 'patched',
	recreate: 'recreated',
	delete: 'deleted',
	skip: 'skipped',
	identical: 'identical',
	derived: 'derived',
	blocked: 'blocked',
	unchecked: 'created',
};

/** The entry as it is once the run has come to it. */
export function afterRun({ object, row }: Entry): PlanRow {
	// What an earlier run did is reported as it was.
	if (row.earlier) return row;
	const words = refusal(object, row.targetNamespace, row.action);
	if (words) return { ...row, outcome: 'failed', reason: words };
	const pruned = row.action === 'patch' && object.kind === 'Ingress' ? ['/spec/ingressClassName'] : [];
	return { ...row, outcome: DONE[row.action], pruned };
}

/** What was not restored, by cause, as the engine groups it: of several objects the names are left out. */
export function warningsOf(rows: PlanRow[]): JobWarning[] {
	const causes = new Map<string, PlanRow[]>();
	for (const row of rows) {
		if (row.outcome !== 'failed' && row.outcome !== 'blocked') continue;
		const name = row.targetName.replace(/[.]/g, '\\$&');
		const cause = row.reason.replace(new RegExp(`(?<![\\w.-])${name}(?![\\w.-])`, 'g'), '…');
		causes.set(cause, [...(causes.get(cause) ?? []), row]);
	}
	return [...causes].map(([message, of]) => {
		const [first] = of;
		if (!first || of.length > 1) return { message, count: of.length };
		const place = [first.targetNamespace, first.targetName].filter(Boolean).join('/');
		return { message: `${first.kind} ${place}: ${first.reason}`, count: 1 };
	});
}

const ORDER: Action[] = [
	'blocked',
	'unchecked',
	'delete',
	'recreate',
	'patch',
	'create',
	'skip',
	'derived',
	'identical',
];

const TOLD: Outcome[] = [
	'failed',
	'blocked',
	'deleted',
	'recreated',
	'created',
	'patched',
	'planned',
	'skipped',
	'derived',
	'identical',
];

const KEYS: Record<PlanQuery['sort'], (row: PlanRow) => string> = {
	order: () => '',
	kind: (row) => `${row.kind} ${row.namespace} ${row.name}`,
	name: (row) => row.name,
	namespace: (row) => `${row.targetNamespace} ${row.kind} ${row.name}`,
	action: (row) => (row.outcome === 'planned' ? String(ORDER.indexOf(row.action)) : String(TOLD.indexOf(row.outcome))),
};

export function pageOf(rows: PlanRow[], query: PlanQuery): PlanPage {
	const found = rows.filter(
		(row) =>
			(query.actions.length === 0 || query.actions.includes(row.action)) &&
			(query.outcomes.length === 0 || query.outcomes.includes(row.outcome)) &&
			[row.namespace, row.targetNamespace].some((namespace) =>
				matches(query.text, { ...row, namespace, also: row.reason }),
			),
	);
	if (query.sort !== 'order') {
		const key = KEYS[query.sort];
		found.sort((a, b) => key(a).localeCompare(key(b)) || a.entry - b.entry);
	}
	if (query.descending) found.reverse();
	return {
		total: found.length,
		of: rows.length,
		offset: query.offset,
		rows: found.slice(query.offset, query.offset + query.limit),
	};
}
