import type { ObjectRow } from '../bindings';
import { KINDS, type KindName } from './kinds';

/**
 * The objects of an example cluster, computed from their number: a hundred thousand of them cost nothing until looked
 * at, and the same number is always the same object.
 */
export interface Catalogue {
	/** Number of objects. */
	size: number;
	/** The object with this number; `row` is below `size`. */
	at(row: number): ObjectRow;
	/** The objects of one kind, without looking at the others. */
	ofKind(kind: KindName): ObjectRow[];
}

export interface CatalogueShape {
	namespaces: string[];
	/** Stateless applications in each namespace. */
	apps: string[];
	/** Applications with a StatefulSet and a claim, in each namespace. */
	stateful: string[];
	/** Further ConfigMaps in each namespace, such as those of Helm releases and dashboards. */
	configMaps: number;
	/** ClusterRoles beside the fixed cluster-scoped objects. */
	clusterRoles: number;
}

interface Slot {
	kind: KindName;
	name: (namespace: string) => string;
	app: string;
	owner?: string;
}

const slot = (kind: KindName, name: string, app: string, owner?: string): Slot => ({
	kind,
	name: () => name,
	app,
	...(owner ? { owner } : {}),
});

/** A number from a text, always the same (FNV-1a). */
export function hash(text: string): number {
	let value = 0x811c9dc5;
	for (let at = 0; at < text.length; at += 1) {
		value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
	}
	return value >>> 0;
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A suffix as the API server's name generator makes it. */
export function suffix(text: string, length: number): string {
	let value = hash(text);
	let made = '';
	for (let at = 0; at < length; at += 1) {
		made += ALPHABET[value % ALPHABET.length] ?? 'x';
		value = hash(`${text}${at}${value}`);
	}
	return made;
}

function stateless(app: string): Slot[] {
	const set = `${app}-${suffix(app, 9)}`;
	return [
		slot('ServiceAccount', app, app),
		slot('ConfigMap', `${app}-settings`, app),
		slot('Secret', `${app}-credentials`, app),
		slot('Service', app, app),
		slot('Endpoints', app, app),
		slot('EndpointSlice', `${app}-${suffix(`${app}slice`, 5)}`, app, `Service/${app}`),
		slot('Deployment', app, app),
		slot('ReplicaSet', set, app, `Deployment.apps/${app}`),
		slot('Pod', `${set}-${suffix(`${app}0`, 5)}`, app, `ReplicaSet.apps/${set}`),
		slot('Pod', `${set}-${suffix(`${app}1`, 5)}`, app, `ReplicaSet.apps/${set}`),
		slot('PodDisruptionBudget', app, app),
		slot('HorizontalPodAutoscaler', app, app),
		slot('NetworkPolicy', `${app}-ingress`, app),
		slot('Ingress', app, app),
		slot('Certificate', `${app}-tls`, app),
		slot('CronJob', `${app}-cleanup`, app),
	];
}

function withClaim(app: string): Slot[] {
	return [
		slot('ServiceAccount', app, app),
		slot('ConfigMap', `${app}-conf`, app),
		slot('Secret', `${app}-auth`, app),
		slot('Service', app, app),
		slot('Endpoints', app, app),
		slot('StatefulSet', app, app),
		slot('ControllerRevision', `${app}-${suffix(`${app}rev`, 10)}`, app, `StatefulSet.apps/${app}`),
		slot('Pod', `${app}-0`, app, `StatefulSet.apps/${app}`),
		slot('PersistentVolumeClaim', `data-${app}-0`, app),
	];
}

function ofNamespace(shape: CatalogueShape): Slot[] {
	const fixed: Slot[] = [
		slot('ConfigMap', 'kube-root-ca.crt', ''),
		slot('ServiceAccount', 'default', ''),
		slot('ResourceQuota', 'compute', ''),
		slot('Role', 'deployer', ''),
		slot('RoleBinding', 'deployer', ''),
		{ kind: 'Secret', name: (namespace) => `sh.helm.release.v1.${namespace}.v7`, app: '' },
	];
	const more = Array.from({ length: shape.configMaps }, (_, at) =>
		slot('ConfigMap', `dashboard-${String(at + 1).padStart(3, '0')}`, ''),
	);
	return [...shape.apps.flatMap(stateless), ...shape.stateful.flatMap(withClaim), ...fixed, ...more];
}

function clusterScoped(shape: CatalogueShape): Slot[] {
	const volumes = shape.namespaces.flatMap((namespace) =>
		shape.stateful.map((app) => slot('PersistentVolume', `pvc-${suffix(namespace + app, 8)}`, app)),
	);
	return [
		...shape.namespaces.map((namespace) => slot('Namespace', namespace, '')),
		slot('CustomResourceDefinition', 'certificates.cert-manager.io', ''),
		slot('StorageClass', 'managed-csi', ''),
		slot('StorageClass', 'azurefile-csi', ''),
		slot('PriorityClass', 'business-critical', ''),
		slot('ClusterRole', 'shop-operator', ''),
		slot('ClusterRoleBinding', 'shop-operator', ''),
		...volumes,
		...Array.from({ length: shape.clusterRoles }, (_, at) => slot('ClusterRole', `tenant-${at + 1}-reader`, '')),
	];
}

export function catalogue(shape: CatalogueShape): Catalogue {
	const cluster = clusterScoped(shape);
	const each = ofNamespace(shape);
	const size = cluster.length + each.length * shape.namespaces.length;
	const rows: (ObjectRow | undefined)[] = [];
	const at = (row: number): ObjectRow => {
		const known = rows[row];
		if (known) return known;
		const within = row - cluster.length;
		const namespace = within < 0 ? '' : (shape.namespaces[Math.floor(within / each.length)] ?? '');
		const made = toRow(row, namespace, (within < 0 ? cluster[row] : each[within % each.length]) as Slot);
		rows[row] = made;
		return made;
	};
	const places = (slots: Slot[], kind: KindName) => slots.flatMap((slot, place) => (slot.kind === kind ? [place] : []));
	return {
		size,
		at,
		ofKind(kind) {
			const own = places(each, kind);
			const begins = shape.namespaces.map((_, number) => cluster.length + number * each.length);
			return [...places(cluster, kind), ...begins.flatMap((begin) => own.map((place) => begin + place))].map(at);
		},
	};
}

function toRow(row: number, namespace: string, of: Slot): ObjectRow {
	const { kind, group, version, resource } = KINDS[of.kind];
	const name = of.name(namespace);
	const labels: Record<string, string> = of.app
		? { 'app.kubernetes.io/name': of.app, app: of.app, tier: of.app === 'web' ? 'frontend' : 'backend' }
		: {};
	const bytes = 420 + (hash(`${kind}${namespace}${name}`) % 5200);
	return {
		row,
		group,
		version,
		kind,
		resource,
		namespace,
		name,
		bytes,
		labels,
		...(of.owner ? { owner: of.owner } : {}),
	};
}
