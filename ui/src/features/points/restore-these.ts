import type { ObjectRow, PointKey } from '@/backend/bindings';
import type { Branch } from './tree-nodes';

/** The address of a restore that is filled in as far as a selection can say it. */
export interface RestoreAddress {
	vault: string;
	point: string;
	namespaces?: string;
	resources?: string;
}

const list = (values: string[]): string => [...new Set(values)].sort().join(',');

/** A restore of the namespaces and kinds of these objects, or of a branch of the tree where none is selected. */
export function restoreAddress({ vaultId, point }: PointKey, objects: ObjectRow[], branch: Branch): RestoreAddress {
	const namespaces =
		objects.length > 0 ? list(objects.map((row) => row.namespace).filter(Boolean)) : (branch.namespace ?? '');
	const resources = objects.length > 0 ? list(objects.map((row) => row.resource)) : (branch.resource ?? '');
	return { vault: vaultId, point, ...(namespaces && { namespaces }), ...(resources && { resources }) };
}
