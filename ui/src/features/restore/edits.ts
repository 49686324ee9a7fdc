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

/** Names an entry's object as requests do. */
export function namer(kinds: KindCount[]): (row: PlanRow) => string {
	const resources = new Map(kinds.map(({ group, kind, resource }) => [`${kind}.${group}`, resource]));
	return ({ group, kind, namespace, name }) => {
		const known = resources.get(`${kind}.${group}`);
		// Another group may have a kind of the same name, so that the group is always said; a dot stands for the core one.
		const resource = known ? (group === '' ? `${known}.` : known) : `${kind}.${group}`;
		return [resource, namespace, name].filter(Boolean).join('/');
	};
}

/** What a request says about single objects. There may be as many as rows were marked, so that asking is cheap. */
export function decisions({ exclusions, policies }: Pick<Draft, 'exclusions' | 'policies'>) {
	const out = new Set(exclusions.map(plain));
	const own = new Map(policies.map(parts).map(([scope, policy]) => [plain(scope), policy as OwnPolicy]));
	return {
		isLeftOut: (name: string): boolean => out.has(plain(name)),
		/** The policy of an object's own; undefined where it has none. */
		policy: (name: string): OwnPolicy | undefined => own.get(plain(name)),
	};
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
