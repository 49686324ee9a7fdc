import type { JobWarning } from '@/backend/bindings';

/** How a warning of a single object begins: `Service staging/search: `, or without a namespace. */
const OBJECT = /^([A-Z]\w*) (?:([^\s/]+)\/)?(\S+): /;

/**
 * What the report of a restore is filtered by to show the objects that a warning is about. A warning has no more than
 * its words: those of a single object begin with it; in those of several, `…` stands for each object's name.
 */
export function warningFilter({ message, count }: JobWarning): string {
	const object = count === 1 ? OBJECT.exec(message) : null;
	const [begin = '', kind, namespace, name] = object ?? [];
	const fields = object ? [`kind:${kind}`, namespace ? `ns:${namespace}` : '', `name:${name}`] : [];
	const words = message
		.slice(begin.length)
		.split(/[\s…]+/)
		.flatMap((word) => {
			// In a filter, a hyphen in front negates, and `name:` and its like ask for a field.
			const plain = word.replace(/^-+/, '').replace(/^(kind|ns|namespace|name|label):/i, '');
			return /[\p{L}\p{N}]/u.test(plain) ? [plain] : [];
		});
	return [...new Set([...fields, ...words])].filter(Boolean).join(' ');
}
