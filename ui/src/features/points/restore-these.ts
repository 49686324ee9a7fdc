import type { ObjectRow, PointKey } from '@/backend/bindings';
import { plural } from '@/shared';
import type { Branch } from './tree-nodes';

/** The address of a restore that is filled in as far as a selection can say it. */
export interface RestoreAddress {
	vault: string;
	point: string;
	namespaces?: string;
	resources?: string;
}

interface Part {
	namespaces: string[];
	resources: string[];
}

const unique = (values: string[]): string[] => [...new Set(values)].sort();

/**
 * The namespaces and kinds of the picked objects, or of a branch of the tree where none is picked: a restore chooses by
 * these, never single objects. Cluster-scoped ones follow from the rest and are chosen in the restore itself.
 */
function partOf(objects: ObjectRow[], { namespace, resource }: Branch): Part {
	const inNamespaces = objects.filter((row) => row.namespace !== '');
	if (objects.length > 0) {
		return {
			namespaces: unique(inNamespaces.map((row) => row.namespace)),
			resources: unique(inNamespaces.map((row) => row.resource)),
		};
	}
	return { namespaces: namespace ? [namespace] : [], resources: namespace && resource ? [resource] : [] };
}

export function restoreAddress({ vaultId, point }: PointKey, objects: ObjectRow[], branch: Branch): RestoreAddress {
	const { namespaces, resources } = partOf(objects, branch);
	return {
		vault: vaultId,
		point,
		...(namespaces.length > 0 && { namespaces: namespaces.join(',') }),
		...(resources.length > 0 && { resources: resources.join(',') }),
	};
}

/** What such a restore takes: `Restore deployments.apps in shop…`; undefined where that is nothing to begin with. */
export function restoreLabel(objects: ObjectRow[], branch: Branch): string | undefined {
	const { namespaces, resources } = partOf(objects, branch);
	if (namespaces.length === 0) return undefined;
	const where = namespaces.length === 1 ? namespaces[0] : plural(namespaces.length, 'namespace');
	if (resources.length === 0) return `Restore ${where}…`;
	return `Restore ${resources.length === 1 ? resources[0] : plural(resources.length, 'kind')} in ${where}…`;
}
