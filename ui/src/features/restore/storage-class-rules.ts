import type { StorageClassMapping, StorageClassRow } from '@/backend/bindings';

/** A name of RFC 1123, as the API server wants that of a storage class. */
const DNS_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LONGEST = 253;

/** What is wrong with a row, beside the others; undefined where nothing is. One without a class of the cluster is none yet. */
export function storageClassProblem(rows: StorageClassMapping[], at: number): string | undefined {
	const own = rows[at];
	if (!own || own.to === '') return undefined;
	if (rows.some((each, other) => other < at && each.to !== '' && each.from === own.from)) {
		return `${own.from || 'Claims that name none'} ${own.from ? 'is' : 'are'} replaced above already.`;
	}
	if (own.to.length > LONGEST || !DNS_NAME.test(own.to)) {
		return 'Lower-case letters, digits, hyphens and dots; a letter or digit at both ends.';
	}
	return undefined;
}

/** What the cluster says about a class; nothing where it has not been asked. */
export function storageClassNote(name: string, classes: StorageClassRow[] | undefined): string {
	if (!classes) return '';
	const known = classes.find((each) => each.name === name);
	if (!known) return 'The cluster has no such class now.';
	return known.default ? `${known.provisioner}, the cluster’s default` : known.provisioner;
}
