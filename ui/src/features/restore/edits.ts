import type { KindCount, PlanRow } from '@/backend/bindings';
import type { Draft } from './draft';

/** A conflict policy of a single object. */
export type OwnPolicy = 'skip' | 'patch' | 'recreate';

/** Kinds that are never deleted to be made again: data, or other objects, would go with them. */
const PROTECTED = ['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition'];

export const mayBeRecreated = ({ kind }: PlanRow): boolean => !PROTECTED.includes(kind);

/** With or without the dot that stands for the core group, a name is the same. */
const plain = (name: string): string => name.replace('./', '/');

/** Splits `resource/namespace/name=policy`. */
function parts(policy: string): [scope: string, policy: string] {
	const at = policy.lastIndexOf('=');
	return [policy.slice(0, at), policy.slice(at + 1)];
}

/** An entry's object, named as requests name it. */
export function nameOf({ group, kind, namespace, name }: PlanRow, kinds: KindCount[]): string {
	const known = kinds.find((each) => each.kind === kind && each.group === group)?.resource;
	// Another group may have a kind of the same name, so that the group is always said; a dot stands for the core one.
	const resource = known ? (group === '' ? `${known}.` : known) : `${kind}.${group}`;
	return [resource, namespace, name].filter(Boolean).join('/');
}

export function isLeftOut({ exclusions }: Pick<Draft, 'exclusions'>, name: string): boolean {
	return exclusions.some((each) => plain(each) === plain(name));
}

/** The policy of an object's own; undefined where it has none. */
export function ownPolicy({ policies }: Pick<Draft, 'policies'>, name: string): OwnPolicy | undefined {
	const own = policies.map(parts).findLast(([scope]) => plain(scope) === plain(name));
	return own?.[1] as OwnPolicy | undefined;
}

export function leaveOut(draft: Draft, names: string[]): Draft {
	return { ...takeIn(draft, names), exclusions: [...takeIn(draft, names).exclusions, ...names] };
}

export function takeIn(draft: Draft, names: string[]): Draft {
	const gone = new Set(names.map(plain));
	return { ...draft, exclusions: draft.exclusions.filter((each) => !gone.has(plain(each))) };
}

/** Gives objects a policy of their own, or takes it from them. */
export function withPolicy(draft: Draft, names: string[], policy: OwnPolicy | undefined): Draft {
	const meant = new Set(names.map(plain));
	const others = draft.policies.filter((each) => !meant.has(plain(parts(each)[0])));
	return { ...draft, policies: policy ? [...others, ...names.map((name) => `${name}=${policy}`)] : others };
}

/** How many single objects, and how many kinds, were decided on by themselves. */
export function editCounts({ exclusions, policies }: Pick<Draft, 'exclusions' | 'policies'>) {
	const objects = new Set(policies.map((policy) => parts(policy)[0]).filter((scope) => scope.includes('/')));
	return { leftOut: exclusions.length, own: objects.size, kinds: policies.length - objects.size };
}
