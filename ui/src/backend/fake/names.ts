import type { ObjectRow, RestoreRequest } from '../bindings';

/** An object as requests name it: a dot stands for the core group. */
export const named = ({ resource, namespace, name }: ObjectRow): string =>
	[resource.includes('.') ? resource : `${resource}.`, namespace, name].filter(Boolean).join('/');

const NEVER_RECREATED = ['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'];

/** What a request says about an object that exists: the last choice that names it counts. */
export function policyOf(row: ObjectRow, request: RestoreRequest): string {
	const chosen = request.policies.findLast((policy) => {
		const scope = policy.slice(0, policy.lastIndexOf('='));
		return [named(row), row.resource, row.kind].includes(scope);
	});
	const policy = chosen?.split('=').at(-1) ?? request.conflictPolicy;
	return policy === 'recreate' && NEVER_RECREATED.includes(row.kind) ? 'skip' : policy;
}
