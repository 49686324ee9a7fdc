/** What a word of a filter can be compared with. */
export interface Described {
	kind: string;
	namespace: string;
	name: string;
	labels?: { [key in string]: string };
	/** Further text that a plain word may match, such as a reason. */
	also?: string;
}

const LABEL = /^([^=]+)(?:=(.*))?$/;

function holds(word: string, of: Described): boolean {
	const at = word.indexOf(':');
	const field = at > 0 ? word.slice(0, at).toLowerCase() : '';
	const value = word.slice(at + 1).toLowerCase();
	if (field === 'kind') return of.kind.toLowerCase() === value || of.kind.toLowerCase().startsWith(value);
	if (field === 'ns' || field === 'namespace') return of.namespace.toLowerCase() === value;
	if (field === 'name') return of.name.toLowerCase().includes(value);
	if (field === 'label') {
		const parts = LABEL.exec(word.slice(at + 1));
		const found = of.labels?.[parts?.[1] ?? ''];
		return found !== undefined && (parts?.[2] === undefined || found === parts[2]);
	}
	const plain = word.toLowerCase();
	return [of.name, of.namespace, of.kind, of.also ?? ''].some((text) => text.toLowerCase().includes(plain));
}

/** Whether all words of a filter hold; a leading `-` negates a word. */
export function matches(text: string, of: Described): boolean {
	return text
		.split(/\s+/)
		.filter((word) => word !== '' && word !== '-')
		.every((word) => (word.startsWith('-') ? !holds(word.slice(1), of) : holds(word, of)));
}
