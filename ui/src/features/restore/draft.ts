import type {
	ConflictPolicy,
	NamespaceMapping,
	PointKey,
	RestoreRequest,
	Selection,
	StorageClassMapping,
	VolumeMode,
} from '@/backend/bindings';
import { storageClassProblem } from './storage-class-rules';

/** What a person has filled in so far. */
export interface Draft {
	point: PointKey | undefined;
	clusterId: string | undefined;
	selection: Selection;
	/** Single objects, as `resource/namespace/name`; none for all that the selection takes. */
	objects: string[];
	/** Objects that stay in the plan and are not written, named as `objects`. */
	exclusions: string[];
	mappings: NamespaceMapping[];
	conflictPolicy: ConflictPolicy;
	/** What to do about single objects that exist, as `resource/namespace/name=policy`. */
	policies: string[];
	volumeMode: VolumeMode;
	/** Which storage classes claims get; rows without a class of the cluster are not filled in yet. */
	storageClasses: StorageClassMapping[];
	/** How long claims that are filled from snapshots are waited for, where it was asked for. */
	volumeTimeoutSeconds?: number;
	/** Text of resource modifiers; empty for none. */
	modifiers: string;
	/** The `RestoreHook` objects of the cluster to go by, as `namespace/name`. */
	hooks: string[];
}

export interface RestoreSearch {
	vault?: string;
	point?: string;
	cluster?: string;
	/** Separated by commas. */
	namespaces?: string;
	/** Separated by commas. */
	resources?: string;
	/** Separated by commas. */
	objects?: string;
}

const SEARCHED = ['vault', 'point', 'cluster', 'namespaces', 'resources', 'objects'] as const;

export function sameSearch(a: RestoreSearch, b: RestoreSearch): boolean {
	return SEARCHED.every((key) => a[key] === b[key]);
}

/** The same address for what is filled in now: of what it names, what the draft says instead. */
export function followed(search: RestoreSearch, { point, clusterId, selection, objects }: Draft): RestoreSearch {
	const now: Record<(typeof SEARCHED)[number], string | undefined> = {
		vault: point?.vaultId,
		point: point?.point,
		cluster: clusterId,
		namespaces: selection.includeNamespaces.join(','),
		resources: selection.includeResources.join(','),
		objects: objects.join(','),
	};
	return Object.fromEntries(SEARCHED.filter((key) => search[key] && now[key]).map((key) => [key, now[key]]));
}

const parts = (list: string | undefined): string[] => (list ? list.split(',').filter(Boolean) : []);

export function draftOf(search: RestoreSearch): Draft {
	const { vault, point, cluster, namespaces, resources, objects } = search;
	return {
		point: vault && point ? { vaultId: vault, point } : undefined,
		clusterId: cluster,
		selection: {
			includeNamespaces: parts(namespaces),
			excludeNamespaces: [],
			includeResources: parts(resources),
			excludeResources: [],
			labelSelector: '',
			clusterScoped: 'auto',
			excludeSecrets: false,
		},
		objects: parts(objects),
		exclusions: [],
		mappings: [],
		conflictPolicy: 'skip',
		policies: [],
		volumeMode: 'withData',
		storageClasses: [],
		modifiers: '',
		hooks: [],
	};
}

/** What would have to be filled in for a request. */
export function draftOfRequest({ point, clusterId, ...rest }: RestoreRequest): Draft {
	return { point, clusterId, ...rest };
}

/** A label of RFC 1123, as the API server wants the name of a namespace. */
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What is wrong with a mapping, beside the others; undefined where nothing is. */
export function mappingProblem(mappings: NamespaceMapping[], at: number): string | undefined {
	const own = mappings[at];
	if (!own) return undefined;
	if (own.from === '') return 'Choose the namespace in the recovery point.';
	if (mappings.some((each, other) => other < at && each.from === own.from))
		return `${own.from} is mapped above already.`;
	if (own.to === '') return 'Name the namespace in the cluster.';
	if (!DNS_LABEL.test(own.to)) {
		return 'Lower-case letters, digits and hyphens, at most 63; a letter or digit at both ends.';
	}
	return undefined;
}

/** The request of a draft; undefined while something is missing or wrong. */
export function requestOf(draft: Draft): RestoreRequest | undefined {
	const { point, clusterId, storageClasses, ...rest } = draft;
	if (!point || !clusterId || missing(draft)) return undefined;
	return { point, clusterId, storageClasses: storageClasses.filter(({ to }) => to !== ''), ...rest };
}

/** What is still to be filled in, in words. */
export function missing({ point, clusterId, mappings, storageClasses }: Draft): string | undefined {
	if (!point) return 'Choose a recovery point first.';
	if (!clusterId) return 'Choose a cluster first.';
	if (mappings.some((_, at) => mappingProblem(mappings, at))) return 'Correct the namespace mappings first.';
	if (storageClasses.some((_, at) => storageClassProblem(storageClasses, at)))
		return 'Correct the storage classes first.';
	return undefined;
}

export function sameRequest(a: RestoreRequest, b: RestoreRequest): boolean {
	return JSON.stringify(a) === JSON.stringify(b);
}
