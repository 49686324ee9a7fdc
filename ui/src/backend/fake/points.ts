import type { Backend } from '../backend';
import type { JobRow, KindCount, PointDetails, PointKey, PointRow, PointWarning } from '../bindings';
import type { Catalogue } from './catalogue';
import { type FakeHost, failure, wait } from './host';
import { volumesOf, volumeWarnings } from './volumes';
import { FLEET, PARTIAL_WARNINGS, PROD, SHOP } from './worlds';

const HOUR = 3_600_000;

/** A recovery point and what is in it. */
export interface FakePoint {
	row: PointRow;
	objects: Catalogue;
	/** Whether its volumes were cut. */
	cut: boolean;
}

interface Taken {
	vaultId: string;
	name: string;
	cluster: string;
	hoursAgo: number;
	objects: Catalogue;
	cut?: boolean;
	change?: Partial<PointRow>;
}

/** Identities of the example vaults, as `vaults.ts` lists them. */
export const VAULTS = { folder: 'local', blob: 'aksbackups' } as const;

function taken(now: Date): Taken[] {
	const { folder, blob } = VAULTS;
	const stamp = (hoursAgo: number) =>
		new Date(now.getTime() - hoursAgo * HOUR).toISOString().slice(0, 10).replaceAll('-', '');
	const daily = (cluster: string, vaultId: string, days: number, at: number, objects: Catalogue): Taken[] =>
		Array.from({ length: days }, (_, day) => {
			const hoursAgo = at + day * 24;
			return { vaultId, name: `${cluster}-${stamp(hoursAgo)}-0400`, cluster, hoursAgo, objects };
		});
	return [
		{ vaultId: folder, name: 'shop-before-upgrade', cluster: 'sandbox', hoursAgo: 1.4, objects: SHOP, cut: true },
		...daily('sandbox', folder, 6, 9, SHOP),
		...daily('prod-weu', blob, 7, 9, PROD),
		{
			vaultId: blob,
			name: `prod-weu-${stamp(2)}-1200`,
			cluster: 'prod-weu',
			hoursAgo: 2,
			objects: PROD,
			cut: true,
			change: { state: 'partial' },
		},
		{ vaultId: blob, name: `fleet-${stamp(12)}-0100`, cluster: 'fleet-neu', hoursAgo: 12, objects: FLEET, cut: true },
		{
			vaultId: blob,
			name: 'velero-nightly-20261119020017',
			cluster: '',
			hoursAgo: 151,
			objects: PROD,
			change: { foreign: true, clusterVersion: 'v1.33.2' },
		},
		{
			vaultId: blob,
			name: 'holdfast-prod-weu-customer-facing-workloads-before-mesh-upgrade',
			cluster: 'prod-weu',
			hoursAgo: 340,
			objects: SHOP,
			cut: true,
		},
		{
			vaultId: blob,
			name: `prod-weu-${stamp(400)}-0400`,
			cluster: 'prod-weu',
			hoursAgo: 400,
			objects: SHOP,
			change: {
				state: 'unreadable',
				objects: 0,
				archiveBytes: 0,
				rawBytes: 0,
				reason: 'its index ends after 65536 of 180224 bytes; the archive itself may be whole: tar xzf opens it',
			},
		},
	];
}

export function examplePoints(host: FakeHost): FakePoint[] {
	if (host.empty) return [];
	return taken(host.now()).map(({ vaultId, name, cluster, hoursAgo, objects, cut = false, change }) => {
		const started = host.now().getTime() - hoursAgo * HOUR;
		const point: FakePoint = {
			objects,
			cut,
			row: {
				vaultId,
				vaultName: host.vaultName(vaultId),
				name,
				state: 'completed',
				cluster,
				clusterVersion: cluster === 'sandbox' ? 'v1.35.0' : 'v1.34.6',
				started: new Date(started).toISOString(),
				completed: new Date(started + 400 + objects.size / 20).toISOString(),
				objects: objects.size,
				archiveBytes: objects.size * 214,
				rawBytes: objects.size * 2480,
				warnings: 0,
				foreign: false,
				...change,
			},
		};
		// Lists of another program's points do not say it.
		if (!point.row.foreign) {
			point.row.snapshots = volumesOf(point).volumes.filter(({ state }) => state === 'snapshotted').length;
		}
		point.row.warnings = warningsOf(point).length;
		return point;
	});
}

/** What is missing in a point, and why. */
function warningsOf(point: FakePoint): PointWarning[] {
	return [...(point.row.state === 'partial' ? PARTIAL_WARNINGS : []), ...volumeWarnings(point)];
}

export function findPoint(points: FakePoint[], key: PointKey): FakePoint {
	const found = points.find(({ row }) => row.vaultId === key.vaultId && row.name === key.point);
	if (!found) {
		throw failure('notFound', `recovery point ${key.point} is not in this vault any more`, {
			guidance: 'It may have been deleted elsewhere. Look at the list of recovery points again.',
		});
	}
	if (found.row.state === 'unreadable') {
		throw failure('damaged', `recovery point ${key.point} cannot be read: ${found.row.reason ?? ''}`, {
			guidance: 'Take an older recovery point, or open its archive with tar.',
		});
	}
	return found;
}

function details(point: FakePoint): PointDetails {
	const { row, objects } = point;
	const kinds = new Map<string, KindCount>();
	const namespaces = new Map<string, number>();
	for (let at = 0; at < objects.size; at += 1) {
		const { group, version, kind, resource, namespace } = objects.at(at);
		const known = kinds.get(resource);
		if (known) known.objects += 1;
		else kinds.set(resource, { group, version, kind, resource, namespaced: namespace !== '', objects: 1 });
		namespaces.set(namespace, (namespaces.get(namespace) ?? 0) + 1);
	}
	return {
		row,
		warnings: warningsOf(point),
		kinds: [...kinds.values()].sort((a, b) => a.resource.localeCompare(b.resource)),
		namespaces: [...namespaces].sort(([a], [b]) => a.localeCompare(b)),
		nonAtomic: objects.size > 50_000 ? ['configmaps', 'secrets'] : [],
		spec: `includedNamespaces:\n- "*"\nexcludedResources:\n- events\n- events.events.k8s.io\nincludeClusterResources: null\nsnapshotVolumes: ${point.cut}\nttl: 0s\n`,
	};
}

function log(point: FakePoint): string {
	const { row, objects } = point;
	const begin = Date.parse(row.started ?? '');
	const line = (after: number, level: string, text: string) =>
		`time="${new Date(begin + after).toISOString()}" level=${level} msg=${JSON.stringify(text)}`;
	const lines = [line(0, 'info', `backing up ${row.cluster || 'cluster'} as ${row.name}`)];
	lines.push(line(40, 'info', 'discovery: 61 resource types, 1 API group does not answer'));
	const kinds = details(point).kinds;
	kinds.forEach((kind, at) => {
		lines.push(line(60 + at * 12, 'info', `${kind.resource}: ${kind.objects} objects`));
	});
	for (const warning of warningsOf(point)) lines.push(line(380, 'warning', warning.message));
	lines.push(line(400, 'info', `committed: ${objects.size} objects`));
	return `${lines.join('\n')}\n`;
}

type PointsPart = Pick<Backend, 'points' | 'point' | 'pointLog' | 'deletePoint'>;

/** The calls about recovery points as a whole; deleting takes a point out of `points`. */
export function pointsPart(host: FakeHost, points: FakePoint[]): PointsPart {
	return {
		async points() {
			const rows = points.map((point) => point.row).sort((a, b) => (b.started ?? '').localeCompare(a.started ?? ''));
			const failing = host.failingVault;
			const because = failure('vaultUnreachable', `vault ${host.vaultName(failing ?? '')} cannot be reached`, {
				guidance: 'Check the network or the proxy in Settings, then try again.',
				retryable: true,
				details:
					'GET https://contosobackups.blob.core.windows.net/aksbackups?comp=list: dns error: failed to lookup address information',
			});
			return {
				points: rows,
				failures: failing ? [{ vaultId: failing, vaultName: host.vaultName(failing), failure: because }] : [],
				asOf: host.now().toISOString(),
			};
		},
		async point(key) {
			return details(findPoint(points, key));
		},
		async pointLog(key) {
			return log(findPoint(points, key));
		},
		async deletePoint(key) {
			const at = points.findIndex(({ row }) => row.vaultId === key.vaultId && row.name === key.point);
			const point = points[at];
			if (!point) throw failure('notFound', `recovery point ${key.point} is not in this vault any more`);
			if (point.row.foreign)
				throw failure('vaultReadOnly', `${key.point} was written by another program and is only read here`);
			const id = `delete-${key.point}`;
			void remove(host, points, point, id);
			return id;
		},
	};
}

async function remove(host: FakeHost, points: FakePoint[], point: FakePoint, id: string): Promise<void> {
	const row: JobRow = {
		id,
		vaultId: point.row.vaultId,
		vaultName: point.row.vaultName,
		kind: 'delete',
		state: 'running',
		point: point.row.name,
		cluster: '',
		summary: '',
		started: host.now().toISOString(),
		objects: 0,
		warnings: 0,
		failures: 0,
		own: true,
		progress: { phase: 'deleting', detail: point.row.name, done: 0, rate: 0 },
	};
	const job = { row, phases: [], warnings: [], outcomes: [], hasReport: false, hooks: 0, origin: 'this computer' };
	host.putJob(job);
	await wait(host.step * 4);
	const left = points.filter((other) => other !== point);
	points.splice(0, points.length, ...left);
	const { progress: _, ...ended } = row;
	host.putJob({ ...job, row: { ...ended, state: 'completed', ended: host.now().toISOString() } });
	host.emit({ type: 'changed', topics: ['points'] });
}
