import type { ObjectRow, PointKey } from '@/backend/bindings';
import { plural } from '@/shared';
import type { Branch } from './tree-nodes';

/** Most objects that are chosen one by one; the engine takes no more. */
export const MOST_CHOSEN = 1_000;

/** The address of a restore that is filled in. */
export interface RestoreAddress {
	vault: string;
	point: string;
	namespaces?: string;
	resources?: string;
	objects?: string;
}

/** With its group, which a dot stands for in the core group: another group may have a kind of the same name. */
const named = ({ resource, namespace, name }: ObjectRow): string =>
	[resource.includes('.') ? resource : `${resource}.`, namespace, name].filter(Boolean).join('/');

/** A restore of the picked objects and nothing else, or of a branch of the tree where none is picked. */
export function restoreAddress(
	{ vaultId, point }: PointKey,
	objects: ObjectRow[],
	{ namespace, resource }: Branch,
): RestoreAddress {
	const address = { vault: vaultId, point };
	if (objects.length > 0) return { ...address, objects: objects.map(named).join(',') };
	return {
		...address,
		...(namespace && { namespaces: namespace }),
		...(namespace && resource && { resources: resource }),
	};
}

/** What such a restore takes: `Restore 3 objects…`; undefined where that is nothing to begin with. */
export function restoreLabel(objects: number, { namespace, resource }: Branch): string | undefined {
	if (objects > 0) return `Restore ${plural(objects, 'object')}…`;
	if (!namespace) return undefined;
	return resource ? `Restore ${resource} in ${namespace}…` : `Restore ${namespace}…`;
}
