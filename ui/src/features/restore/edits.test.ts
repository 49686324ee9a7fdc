import { expect, it } from 'vitest';
import type { KindCount, PlanRow } from '@/backend/bindings';
import { draftOf } from './draft';
import { decisions, editCounts, leaveOut, namer, takeIn, withPolicy } from './edits';

const kind = (name: string, group: string, resource: string): KindCount => ({
	group,
	version: 'v1',
	kind: name,
	resource,
	namespaced: true,
	objects: 1,
});
const row = (of: Partial<PlanRow>) => ({ group: '', namespace: '', ...of }) as PlanRow;

it('names objects with their group, so that a kind of the same name in another one is not meant', () => {
	const name = namer([kind('ConfigMap', '', 'configmaps'), kind('Deployment', 'apps', 'deployments.apps')]);
	expect(name(row({ kind: 'ConfigMap', namespace: 'shop', name: 'a' }))).toBe('configmaps./shop/a');
	expect(name(row({ kind: 'Deployment', group: 'apps', namespace: 'shop', name: 'a' }))).toBe(
		'deployments.apps/shop/a',
	);
	expect(name(row({ kind: 'Widget', group: 'example.org', name: 'a' }))).toBe('Widget.example.org/a');
});

it('knows objects again that were named without the dot of the core group', () => {
	const draft = { ...draftOf({}), exclusions: ['configmaps/shop/a'], policies: ['secrets/shop/b=skip'] };
	const now = decisions(draft);
	expect(now.isLeftOut('configmaps./shop/a')).toBe(true);
	expect(now.isLeftOut('configmaps./shop/b')).toBe(false);
	expect(now.policy('secrets./shop/b')).toBe('skip');
	expect(takeIn(draft, ['configmaps./shop/a']).exclusions).toEqual([]);
	expect(leaveOut(draft, ['configmaps./shop/a']).exclusions).toEqual(['configmaps./shop/a']);
});

it('lets the newest policy of an object count, and keeps those of kinds', () => {
	const draft = { ...draftOf({}), policies: ['deployments.apps=patch', 'secrets/shop/b=skip'] };
	const changed = withPolicy(draft, ['secrets./shop/b'], 'recreate');
	expect(changed.policies).toEqual(['deployments.apps=patch', 'secrets./shop/b=recreate']);
	expect(editCounts(changed)).toEqual({ leftOut: 0, own: 1, kinds: 1 });
	expect(withPolicy(changed, ['secrets./shop/b'], undefined).policies).toEqual(['deployments.apps=patch']);
});
