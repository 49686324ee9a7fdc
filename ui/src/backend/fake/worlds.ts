import type { PointWarning } from '../bindings';
import { type Catalogue, catalogue } from './catalogue';

/** What is in the example recovery points; several points share one catalogue. */
export const SHOP: Catalogue = catalogue({
	namespaces: ['billing', 'monitoring', 'shop'],
	apps: ['cart', 'catalog', 'checkout', 'payments', 'search', 'web'],
	stateful: ['postgres', 'redis'],
	configMaps: 8,
	clusterRoles: 2,
});

export const PROD: Catalogue = catalogue({
	namespaces: Array.from({ length: 40 }, (_, at) => `team-${String(at + 1).padStart(2, '0')}`),
	apps: ['api', 'gateway', 'ledger', 'mailer', 'notifier', 'reports', 'scheduler', 'search', 'web', 'worker'],
	stateful: ['postgres', 'kafka', 'redis'],
	configMaps: 44,
	clusterRoles: 60,
});

/** Each namespace holds 500 objects: 10 x 16 stateless, 3 x 9 stateful, 6 fixed, the rest ConfigMaps. */
const FLEET_NAMESPACES = Array.from({ length: 198 }, (_, at) => `tenant-${String(at + 1).padStart(4, '0')}`);

/** 100,000 objects. */
export const FLEET: Catalogue = catalogue({
	namespaces: FLEET_NAMESPACES,
	apps: ['api', 'gateway', 'ledger', 'mailer', 'notifier', 'reports', 'scheduler', 'search', 'web', 'worker'],
	stateful: ['postgres', 'kafka', 'redis'],
	configMaps: 307,
	clusterRoles: 202,
});

export const PARTIAL_WARNINGS: PointWarning[] = [
	{
		resource: 'secrets',
		namespace: 'payments',
		message:
			'secrets are not in this recovery point: list secrets in namespace payments: secrets is forbidden: User "holdfast-backup" cannot list resource "secrets" in API group "" in the namespace "payments" (403 Forbidden)',
	},
	{
		resource: 'pods.metrics.k8s.io',
		message:
			'the objects of API metrics.k8s.io/v1beta1 are not in this recovery point: its server does not answer (503 ServiceUnavailable: the server is currently unable to handle the request)',
	},
	{
		resource: 'events.events.k8s.io',
		message:
			'events.events.k8s.io are in this recovery point only in part (18500 objects): the connection broke off: unexpected end of file',
	},
	{ namespace: 'legacy', message: 'no namespace to back up is called "legacy"' },
];
