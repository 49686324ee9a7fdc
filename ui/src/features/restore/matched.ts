import type { PointDetails, Selection, TreeGroup } from '@/backend/bindings';

/** A pattern with `*` and `?` as the engine understands it. */
function form(pattern: string): RegExp {
	const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
	return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

/**
 * How many namespaced objects a selection takes, as far as it can be told without planning: labels cannot, nor kinds
 * that are not written as the list offers them.
 */
export function matched(tree: TreeGroup[], selection: Selection, details: PointDetails): number | undefined {
	if (selection.labelSelector.trim() !== '') return undefined;
	const kinds = new Set(selection.includeResources);
	if ([...kinds].some((kind) => !details.kinds.some(({ resource }) => resource === kind))) return undefined;
	const namespaces = selection.includeNamespaces.map(form);
	let objects = 0;
	for (const group of tree) {
		if (group.namespace === '') continue;
		if (namespaces.length > 0 && !namespaces.some((each) => each.test(group.namespace))) continue;
		for (const [kind, resource, count] of group.kinds) {
			if (kinds.size > 0 && !kinds.has(resource)) continue;
			if (selection.excludeSecrets && kind === 'Secret') continue;
			objects += count;
		}
	}
	return objects;
}
