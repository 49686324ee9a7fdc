import type { PlanRow, RestoreRequest } from '../bindings';
import { afterRun, makeEntries } from './plans';
import { VAULTS } from './points';
import { SHOP } from './worlds';

/** What the restore asked for that ended before the window was opened. */
export const EXAMPLE_REQUEST: RestoreRequest = {
	point: { vaultId: VAULTS.folder, point: 'shop-before-upgrade' },
	clusterId: 'sandbox',
	selection: {
		includeNamespaces: ['shop'],
		excludeNamespaces: [],
		includeResources: [],
		excludeResources: [],
		labelSelector: '',
		clusterScoped: 'auto',
		excludeSecrets: false,
	},
	objects: [],
	exclusions: [],
	mappings: [{ from: 'shop', to: 'staging' }],
	conflictPolicy: 'skip',
	policies: [],
	volumeMode: 'withData',
	storageClasses: [],
	hooks: [],
	modifiers: '',
};

/** The entries of its plan. */
export function exampleEntries() {
	const rows = Array.from({ length: SHOP.size }, (_, at) => SHOP.at(at));
	return makeEntries(
		rows.filter(({ namespace }) => namespace === 'shop'),
		EXAMPLE_REQUEST,
	);
}

/** Its report. */
export function exampleReport(): PlanRow[] {
	return exampleEntries().map(afterRun);
}
