import type { TreeGroup } from '@/backend/bindings';

/** What is chosen in the tree: everything, a namespace, or a kind in it. */
export interface Branch {
	namespace?: string;
	resource?: string;
}

/** A line of the tree that is in sight. */
export interface TreeNode extends Branch {
	key: string;
	label: string;
	count: number;
	level: 1 | 2 | 3;
	/** Whether its children are in sight; absent where it has none. */
	open?: boolean;
	/** Place among its siblings, from 1, and how many they are. */
	position: number;
	siblings: number;
}

export function branchKey({ namespace, resource }: Branch): string {
	return JSON.stringify([namespace, resource]);
}

/** The lines in sight, in order. */
export function treeNodes(groups: TreeGroup[], opened: ReadonlySet<string>): TreeNode[] {
	const total = groups.reduce((sum, group) => sum + group.objects, 0);
	const root = {
		key: branchKey({}),
		label: 'All objects',
		count: total,
		level: 1 as const,
		open: true,
		position: 1,
		siblings: 1,
	};
	const nodes: TreeNode[] = [root];
	groups.forEach(({ namespace, objects, kinds }, at) => {
		const key = branchKey({ namespace });
		const open = opened.has(namespace);
		const label = namespace || 'Cluster-scoped';
		nodes.push({ key, namespace, label, count: objects, level: 2, open, position: at + 1, siblings: groups.length });
		if (!open) return;
		kinds.forEach(([kind, resource, count], index) => {
			const child = { namespace, resource, label: kind, count, level: 3 as const };
			nodes.push({ ...child, key: branchKey(child), position: index + 1, siblings: kinds.length });
		});
	});
	return nodes;
}
