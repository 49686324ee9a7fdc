import type { Backend } from '../backend';
import type { ClusterRow, ClusterStatus, Failure, LastBackup } from '../bindings';
import type { Catalogue } from './catalogue';
import { type FakeHost, failure, wait } from './host';
import type { FakePoint } from './points';
import { FLEET, PROD, SHOP } from './worlds';

/** Command that `dev-neu` signs in with; it answers once the command is allowed. */
export const PLUGIN = '/usr/local/bin/kubelogin';

interface FakeCluster {
	id: string;
	name: string;
	server?: string;
	version: string;
	objects: Catalogue;
	plugin?: string;
	down?: boolean;
}

export const CLUSTERS: FakeCluster[] = [
	{ id: 'sandbox', name: 'Sandbox (built in)', version: 'v1.35.0', objects: SHOP },
	{
		id: 'prod-weu',
		name: 'prod-weu',
		server: 'https://prod-weu-dns-9f3ab1c2.hcp.westeurope.azmk8s.io:443',
		version: 'v1.34.6',
		objects: PROD,
	},
	{
		id: 'fleet-neu',
		name: 'fleet-neu',
		server: 'https://fleet-neu-dns-71bb0e44.hcp.northeurope.azmk8s.io:443',
		version: 'v1.34.6',
		objects: FLEET,
	},
	{
		id: 'dev-neu',
		name: 'dev-neu',
		server: 'https://dev-neu-dns-02c4d5aa.hcp.northeurope.azmk8s.io:443',
		version: 'v1.33.9',
		objects: SHOP,
		plugin: PLUGIN,
	},
	{
		id: 'legacy-onprem',
		name: 'legacy-onprem',
		server: 'https://10.20.0.14:6443',
		version: 'v1.29.3',
		objects: SHOP,
		down: true,
	},
];

export function findCluster(id: string): FakeCluster {
	const found = CLUSTERS.find((each) => each.id === id);
	if (!found)
		throw failure('notFound', `no context is called ${id}`, { guidance: 'Look at the kubeconfig files in Settings.' });
	return found;
}

/** Why this cluster cannot be worked with; undefined where it can. */
export function clusterFailure(id: string, allowed: string[]): Failure | undefined {
	const cluster = findCluster(id);
	if (cluster.down) {
		return failure('clusterUnreachable', `${cluster.name} does not answer at ${cluster.server}`, {
			guidance:
				'Check that the API server runs and that this computer may reach it (VPN, authorised IP ranges, proxy).',
			retryable: true,
			details: 'GET /version: tcp connect error: connection timed out (os error 110)',
		});
	}
	if (cluster.plugin && !allowed.includes(cluster.plugin)) {
		return failure(
			'pluginNotAllowed',
			`${cluster.name} signs in with ${cluster.plugin}, which was never allowed to run`,
			{
				guidance: 'Allow it if you trust this kubeconfig.',
				details: cluster.plugin,
			},
		);
	}
	return undefined;
}

export function clusterRows(host: FakeHost, points: FakePoint[]): ClusterRow[] {
	const known = host.empty ? CLUSTERS.slice(0, 1) : CLUSTERS;
	return known.map(({ id, name, server }) => {
		const own = points.map(({ row }) => row).filter((row) => row.cluster === id || row.cluster === name);
		const newest = own
			.filter((row) => row.started !== undefined)
			.toSorted((a, b) => (b.started ?? '').localeCompare(a.started ?? ''))[0];
		const lastBackup: LastBackup | undefined = newest && {
			vaultId: newest.vaultId,
			point: newest.name,
			time: newest.started ?? '',
			state: newest.state,
			objects: newest.objects,
			bytes: newest.archiveBytes,
		};
		return {
			id,
			name,
			kind: id === 'sandbox' ? 'sandbox' : 'context',
			...(server ? { server } : {}),
			current: id === 'prod-weu',
			...(lastBackup ? { lastBackup } : {}),
			points: own.length,
		};
	});
}

const SKIPPED = ['kube-node-lease', 'kube-public', 'kube-system'];

type ClustersPart = Pick<Backend, 'clusters' | 'clusterStatus' | 'rehearse'>;

/** The calls about clusters. */
export function clustersPart(host: FakeHost, points: FakePoint[], allowed: () => Promise<string[]>): ClustersPart {
	return {
		clusters: async () => clusterRows(host, points),
		async rehearse(what) {
			await wait(host.step);
			return what === 'reset' ? 0 : 115;
		},
		async clusterStatus(clusterId): Promise<ClusterStatus> {
			const cluster = findCluster(clusterId);
			await wait(host.step * (cluster.down ? 20 : 2));
			const why = clusterFailure(clusterId, await allowed());
			const asOf = host.now().toISOString();
			if (why) return { reachable: false, namespaces: [], failure: why, latencyMs: 0, asOf };
			const names = new Set<string>();
			for (let at = 0; at < Math.min(cluster.objects.size, 100_000); at += 1)
				names.add(cluster.objects.at(at).namespace);
			names.delete('');
			const own = [...names].map((name) => ({ name, phase: 'Active', alwaysSkipped: false }));
			const system = SKIPPED.map((name) => ({ name, phase: 'Active', alwaysSkipped: true }));
			const namespaces = [...own, ...system].toSorted((a, b) => a.name.localeCompare(b.name));
			return { reachable: true, version: cluster.version, namespaces, latencyMs: 38, asOf };
		},
	};
}
