import { plural } from '@/shared';
import type { Draft } from './draft';
import { namesOf } from './words';

/** What step 1 takes, in one line. */
export function whatWords({ point, selection, objects }: Draft): string {
	if (!point) return 'no recovery point chosen';
	if (objects.length > 0) return `${point.point} · ${plural(objects.length, 'chosen object')}`;
	const { includeNamespaces, includeResources, labelSelector, clusterScoped, excludeSecrets } = selection;
	return [
		point.point,
		namesOf(includeNamespaces, 'namespace'),
		namesOf(includeResources, 'kind'),
		labelSelector && `labels ${labelSelector}`,
		clusterScoped === 'all'
			? 'all cluster-scoped objects'
			: clusterScoped === 'none'
				? 'no cluster-scoped objects'
				: '',
		excludeSecrets && 'without Secrets',
	]
		.filter(Boolean)
		.join(' · ');
}

/** Where step 2 leads, in one line. */
export function whereWords({ clusterId, mappings }: Draft, cluster: string): string {
	if (!clusterId) return 'no cluster chosen';
	return [cluster, ...mappings.map(({ from, to }) => `${from || '?'} → ${to || '?'}`)].join(' · ');
}

export function rulesWords({ conflictPolicy, volumeMode, storageClasses, modifiers, hooks }: Draft): string {
	const conflict = conflictPolicy === 'skip' ? 'Skip what exists' : 'Patch what exists';
	const classes = storageClasses.filter(({ to }) => to !== '');
	return [
		conflict,
		`claims ${volumeMode === 'withData' ? 'with data' : 'without data'}`,
		...classes.map(({ from, to }) => `${from || 'no class'} → ${to}`),
		modifiers.trim() !== '' && 'resource modifiers',
		hooks.length > 0 && plural(hooks.length, 'object with hooks', 'objects with hooks'),
	]
		.filter(Boolean)
		.join(' · ');
}
