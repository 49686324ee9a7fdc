import type { ObjectRow } from '../bindings';
import { hash, suffix } from './catalogue';
import { type Json, MASK } from './yaml';

/** What only the API server sets, in the order in which it prints it. */
function serverFields(of: ObjectRow): Record<string, Json> {
	const seed = `${of.kind}/${of.namespace}/${of.name}`;
	return {
		uid: `${suffix(seed, 8)}-4b1d-4c7e-9a55-${suffix(`${seed}u`, 12)}`,
		resourceVersion: String(100_000 + (hash(seed) % 900_000)),
		creationTimestamp: '2026-09-14T07:31:08Z',
		generation: 1 + (hash(seed) % 9),
		managedFields: [
			{
				apiVersion: of.group ? `${of.group}/${of.version}` : of.version,
				fieldsType: 'FieldsV1',
				fieldsV1: { 'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } } },
				manager: 'kubectl-client-side-apply',
				operation: 'Update',
				time: '2026-11-20T11:02:44Z',
			},
		],
	};
}

function container(app: string): Json {
	return {
		name: app,
		image: `registry.contoso.example/shop/${app}:4.${hash(app) % 30}.1`,
		ports: [{ name: 'http', containerPort: 8080 }],
		envFrom: [{ configMapRef: { name: `${app}-settings` } }],
		env: [
			{
				name: 'DATABASE_PASSWORD',
				valueFrom: { secretKeyRef: { name: `${app}-credentials`, key: 'password' } },
			},
		],
		resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
		readinessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5 },
	};
}

function workload(of: ObjectRow, app: string): Json {
	return {
		replicas: 1 + (hash(of.name + of.namespace) % 5),
		selector: { matchLabels: { app } },
		template: {
			metadata: { labels: { app } },
			spec: { serviceAccountName: app, priorityClassName: 'business-critical', containers: [container(app)] },
		},
	};
}

function settings(of: ObjectRow): Record<string, Json> {
	const lines = Array.from({ length: 12 }, (_, at) => `  cache.${at}.ttl: ${hash(`${of.name}${at}`) % 3600}s`);
	return {
		LOG_LEVEL: 'info',
		CURRENCY: 'EUR',
		CHECKOUT_URL: `https://checkout.${of.namespace || 'default'}.example`,
		'application.yaml': `server:\n  port: 8080\n  shutdown: graceful\ncaches:\n${lines.join('\n')}\n`,
	};
}

/** Everything of an object beside `apiVersion`, `kind` and `metadata`. */
function body(of: ObjectRow): Record<string, Json> {
	const app = of.labels.app ?? of.name;
	switch (of.kind) {
		case 'Deployment':
		case 'ReplicaSet':
			return { spec: workload(of, app) };
		case 'StatefulSet':
			return {
				spec: {
					serviceName: app,
					...(workload(of, app) as Record<string, Json>),
					volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim() }],
				},
			};
		case 'Pod':
			return { spec: { nodeName: 'aks-system-31276403-vmss000001', containers: [container(app)] } };
		case 'PersistentVolumeClaim':
			return { spec: { ...claim(), volumeName: `pvc-${suffix(of.namespace + app, 8)}` } };
		case 'ConfigMap':
			return { data: settings(of) };
		case 'Secret':
			return { type: 'Opaque', data: Object.fromEntries(secretKeys(of).map((key) => [key, MASK])) };
		case 'Service':
			return {
				spec: {
					type: 'ClusterIP',
					clusterIP: `10.0.${hash(of.namespace) % 250}.${hash(of.name) % 250}`,
					selector: { app },
					ports: [{ name: 'http', port: 80, targetPort: 'http' }],
				},
			};
		case 'Ingress':
			return { spec: { ingressClassName: 'nginx', rules: [{ host: `${app}.${of.namespace}.contoso.example` }] } };
		case 'HorizontalPodAutoscaler':
			return {
				spec: {
					scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app },
					minReplicas: 2,
					maxReplicas: 10,
				},
			};
		case 'ResourceQuota':
			return { spec: { hard: { 'requests.cpu': '20', 'requests.memory': '64Gi', 'count/services': '40' } } };
		case 'Certificate':
			return {
				spec: { secretName: of.name, dnsNames: [`${app}.contoso.example`], issuerRef: { name: 'letsencrypt' } },
			};
		case 'CronJob':
			return {
				spec: {
					schedule: '17 3 * * *',
					jobTemplate: { spec: { template: { spec: { containers: [container(app)] } } } },
				},
			};
		default:
			return of.namespace ? { spec: { selector: { matchLabels: { app } } } } : {};
	}
}

function claim(): Record<string, Json> {
	return {
		accessModes: ['ReadWriteOnce'],
		storageClassName: 'managed-csi',
		resources: { requests: { storage: '8Gi' } },
	};
}

/** The manifest of an object; `plain` leaves out what the server sets. */
export function manifest(of: ObjectRow, plain: boolean): { [key: string]: Json } {
	const metadata: Record<string, Json> = { name: of.name };
	if (of.namespace) metadata.namespace = of.namespace;
	if (Object.keys(of.labels).length > 0) metadata.labels = { ...of.labels } as Record<string, Json>;
	if (of.kind === 'Deployment') metadata.annotations = { 'deployment.kubernetes.io/revision': '7' };
	if (!plain) Object.assign(metadata, serverFields(of));
	const status: Record<string, Json> =
		!plain && of.kind === 'Deployment' ? { status: { availableReplicas: 2, observedGeneration: 7 } } : {};
	const apiVersion = of.group ? `${of.group}/${of.version}` : of.version;
	return { apiVersion, kind: of.kind, metadata, ...body(of), ...status };
}

/** The keys of a Secret; empty for other kinds. */
export function secretKeys(of: ObjectRow): string[] {
	if (of.kind !== 'Secret') return [];
	if (of.name.startsWith('sh.helm')) return ['release'];
	return ['password', 'tls.key', 'username'];
}

/** The value of one key of a Secret; `null` where there is no such key. */
export function secretValue(of: ObjectRow, key: string): { value: string; binary: boolean } | null {
	if (!secretKeys(of).includes(key)) return null;
	if (key === 'username') return { value: of.labels.app ?? 'admin', binary: false };
	if (key === 'password')
		return { value: `${suffix(of.namespace + of.name, 6)}-${suffix(of.name, 10)}`, binary: false };
	return { value: btoa(suffix(of.name + key, 48)), binary: true };
}
