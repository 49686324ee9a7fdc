import type { Selection } from '@/backend/bindings';

/** All of a cluster, now and later. */
export const EVERYTHING: Selection = {
	includeNamespaces: [],
	excludeNamespaces: [],
	includeResources: [],
	excludeResources: [],
	labelSelector: '',
	clusterScoped: 'auto',
	excludeSecrets: false,
};

/** The words of a list as typed: separated by commas or spaces. */
export function wordsOf(text: string): string[] {
	return text.split(/[\s,]+/).filter(Boolean);
}
