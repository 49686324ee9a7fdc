import type { Action, FieldChange, ObjectRow, RestoreRequest } from '../bindings';
import { hash } from './catalogue';
import { named, policyOf } from './names';

/** What would happen to one object, and why. */
export interface Decision {
	action: Action;
	reason: string;
	changes: FieldChange[];
}

const plain = (action: Action, reason = ''): Decision => ({ action, reason, changes: [] });

const NO_DATA = 'its data is not in the recovery point; --volume-mode without-data makes it again, empty';

function derived(row: ObjectRow): string | undefined {
	const owner = row.owner?.split('/');
	if (row.kind === 'Pod' || row.kind === 'ReplicaSet' || row.kind === 'ControllerRevision') {
		return owner ? `made by ${owner[0]} ${owner[1]}` : undefined;
	}
	if (row.kind === 'Endpoints' || row.kind === 'EndpointSlice') return `made by Service ${row.labels.app ?? row.name}`;
	if (row.name === 'kube-root-ca.crt') return 'published into every namespace by its controller';
	if (row.kind === 'ServiceAccount' && row.name === 'default')
		return 'every namespace has it; it says all that the recovery point says';
	return undefined;
}

function volumes(row: ObjectRow, request: RestoreRequest): Decision | undefined {
	const empty = request.volumeMode === 'withoutData';
	if (row.kind === 'PersistentVolumeClaim')
		return empty ? plain('create', 'made again, empty') : plain('blocked', NO_DATA);
	if (row.kind === 'PersistentVolume') {
		return empty
			? plain('skip', 'its claim is made again empty, on a new volume')
			: plain('blocked', 'belongs to a claim whose data is not in the recovery point');
	}
	if (row.kind === 'StatefulSet' && !empty) {
		return plain('blocked', `its controller would make claim data-${row.name}-0 empty, because ${NO_DATA}`);
	}
	return undefined;
}

/** The fields in which the live object differs, if it does; by kind, so that each reads like something that happened. */
export function differences(row: ObjectRow): FieldChange[] {
	const app = row.labels.app ?? row.name;
	const change = (path: string, live: string, point: string): FieldChange => ({ path, live, point });
	switch (row.kind) {
		case 'Deployment':
			return [
				change('/spec/replicas', '0', String(1 + (hash(row.name + row.namespace) % 5))),
				change(
					'/spec/template/spec/containers/0/image',
					`"registry.contoso.example/shop/${app}:5.0.0-rc.2"`,
					`"registry.contoso.example/shop/${app}:4.${hash(app) % 30}.1"`,
				),
			];
		case 'ConfigMap':
			return [change('/data/LOG_LEVEL', '"debug"', '"info"'), change('/data/CURRENCY', '', '"EUR"')];
		case 'Secret':
			return [change('/data/password', '"••••"', '"••••"')];
		case 'HorizontalPodAutoscaler':
			return [change('/spec/maxReplicas', '3', '10')];
		case 'Ingress':
			return [change('/spec/ingressClassName', '"traefik"', '"nginx"')];
		default:
			return [change('/metadata/labels/tier', '"legacy"', JSON.stringify(row.labels.tier ?? 'backend'))];
	}
}

/** What a plan says of an object that goes to `target`; always the same for the same request. */
export function decide(row: ObjectRow, target: string, request: RestoreRequest): Decision {
	if (request.exclusions.includes(named(row))) return plain('skip', 'left out of this restore by name');
	const made = derived(row);
	if (made) return plain('derived', made);
	const volume = volumes(row, request);
	if (volume) return volume;
	if (row.kind === 'Certificate' && request.clusterId !== 'sandbox' && request.selection.clusterScoped === 'none') {
		return plain(
			'blocked',
			'the target serves no certificates.cert-manager.io; restore its definition with it (--include-cluster-resources auto or true), or install it',
		);
	}
	if (row.kind === 'NetworkPolicy' && row.labels.app === 'payments') {
		return plain(
			'unchecked',
			`whether it exists could not be found out: list networkpolicies.networking.k8s.io in namespace ${target}: networkpolicies.networking.k8s.io is forbidden: User "holdfast" cannot list resource "networkpolicies" in API group "networking.k8s.io" in the namespace "${target}" (403 Forbidden)`,
		);
	}
	if (target !== row.namespace) return plain('create');
	const refused = refusal(row, target, 'patch') !== undefined;
	const luck = refused ? 99 : hash(`${row.kind}/${row.namespace}/${row.name}`) % 100;
	if (luck < 14) return plain('create');
	if (luck < 78 || row.kind === 'Namespace') return plain('identical');
	const changes = differences(row);
	const differs = changes.length === 1 ? 'differs in 1 field' : `differs in ${changes.length} fields`;
	const policy = policyOf(row, request);
	if (policy === 'recreate') return { action: 'recreate', reason: `exists and ${differs}`, changes };
	if (policy === 'patch') return { action: 'patch', reason: `exists and ${differs}`, changes };
	return { action: 'skip', reason: `exists and ${differs}; the conflict policy is Skip`, changes };
}

/** What the server refuses when the plan is run: the words of its answer, or `undefined` where it accepts. */
export function refusal(row: ObjectRow, target: string, action: Action): string | undefined {
	if (action !== 'create' && action !== 'patch' && action !== 'recreate') return undefined;
	const at = target ? `${target}/${row.name}` : row.name;
	const verb = action === 'patch' ? 'patch' : 'create';
	if (row.kind === 'Service' && row.labels.app === 'search') {
		return `${verb} ${row.resource} ${at}: Service "${row.name}" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated (422 Invalid)`;
	}
	if (row.kind === 'Deployment' && row.labels.app === 'payments') {
		return `${verb} ${row.resource} ${at}: admission webhook "validation.gatekeeper.sh" denied the request: [require-signed-images] container <payments> image <registry.contoso.example/shop/payments> is not signed by a trusted key (403 Forbidden)`;
	}
	return undefined;
}
