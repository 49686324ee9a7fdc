/** The resource types that the example clusters serve: group, version, plural, namespaced. */
export interface Kind {
	kind: string;
	group: string;
	version: string;
	resource: string;
	namespaced: boolean;
}

function type(kind: string, group: string, version: string, plural: string, namespaced = true): Kind {
	return { kind, group, version, resource: group ? `${plural}.${group}` : plural, namespaced };
}

export const KINDS = {
	ClusterRole: type('ClusterRole', 'rbac.authorization.k8s.io', 'v1', 'clusterroles', false),
	ClusterRoleBinding: type('ClusterRoleBinding', 'rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', false),
	ConfigMap: type('ConfigMap', '', 'v1', 'configmaps'),
	Certificate: type('Certificate', 'cert-manager.io', 'v1', 'certificates'),
	ControllerRevision: type('ControllerRevision', 'apps', 'v1', 'controllerrevisions'),
	CronJob: type('CronJob', 'batch', 'v1', 'cronjobs'),
	CustomResourceDefinition: type(
		'CustomResourceDefinition',
		'apiextensions.k8s.io',
		'v1',
		'customresourcedefinitions',
		false,
	),
	Deployment: type('Deployment', 'apps', 'v1', 'deployments'),
	EndpointSlice: type('EndpointSlice', 'discovery.k8s.io', 'v1', 'endpointslices'),
	Endpoints: type('Endpoints', '', 'v1', 'endpoints'),
	HorizontalPodAutoscaler: type('HorizontalPodAutoscaler', 'autoscaling', 'v2', 'horizontalpodautoscalers'),
	Ingress: type('Ingress', 'networking.k8s.io', 'v1', 'ingresses'),
	Namespace: type('Namespace', '', 'v1', 'namespaces', false),
	NetworkPolicy: type('NetworkPolicy', 'networking.k8s.io', 'v1', 'networkpolicies'),
	PersistentVolume: type('PersistentVolume', '', 'v1', 'persistentvolumes', false),
	PersistentVolumeClaim: type('PersistentVolumeClaim', '', 'v1', 'persistentvolumeclaims'),
	Pod: type('Pod', '', 'v1', 'pods'),
	PodDisruptionBudget: type('PodDisruptionBudget', 'policy', 'v1', 'poddisruptionbudgets'),
	PriorityClass: type('PriorityClass', 'scheduling.k8s.io', 'v1', 'priorityclasses', false),
	ReplicaSet: type('ReplicaSet', 'apps', 'v1', 'replicasets'),
	ResourceQuota: type('ResourceQuota', '', 'v1', 'resourcequotas'),
	Role: type('Role', 'rbac.authorization.k8s.io', 'v1', 'roles'),
	RoleBinding: type('RoleBinding', 'rbac.authorization.k8s.io', 'v1', 'rolebindings'),
	Secret: type('Secret', '', 'v1', 'secrets'),
	Service: type('Service', '', 'v1', 'services'),
	ServiceAccount: type('ServiceAccount', '', 'v1', 'serviceaccounts'),
	StatefulSet: type('StatefulSet', 'apps', 'v1', 'statefulsets'),
	StorageClass: type('StorageClass', 'storage.k8s.io', 'v1', 'storageclasses', false),
} as const;

export type KindName = keyof typeof KINDS;
