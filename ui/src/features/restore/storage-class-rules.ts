import type { StorageClassMapping, StorageClassRow } from '@/backend/bindings';
import { dnsNameProblem } from '@/shared/dns-name';

/** What is wrong with a row, beside the others; undefined where nothing is. One without a class of the cluster is none yet. */
export function storageClassProblem(rows: StorageClassMapping[], at: number): string | undefined {
	const own = rows[at];
	if (!own || own.to === '') return undefined;
	if (rows.some((each, other) => other < at && each.to !== '' && each.from === own.from)) {
		return `${own.from || 'Claims that name none'} ${own.from ? 'is' : 'are'} replaced above already.`;
	}
	return dnsNameProblem(own.to);
}

/** What the cluster says about a class; nothing where it has not been asked. */
export function storageClassNote(name: string, classes: StorageClassRow[] | undefined): string {
	if (!classes) return '';
	const known = classes.find((each) => each.name === name);
	if (!known) return 'The cluster has no such class now.';
	return known.default ? `${known.provisioner}, the cluster’s default` : known.provisioner;
}
