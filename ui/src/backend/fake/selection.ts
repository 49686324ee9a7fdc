import type { ObjectRow, Selection } from '../bindings';
import { failure } from './host';

function wildcard(pattern: string): RegExp {
	const escaped = pattern.trim().replace(/[.+^${}()|[\]\\]/g, '\\$&');
	return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'i');
}

function isType(patterns: string[], row: ObjectRow): boolean {
	const plural = row.resource.split('.')[0] ?? '';
	return patterns.some((pattern) => {
		const form = wildcard(pattern);
		return [row.resource, plural, row.kind, `${row.group || row.version}/${row.kind}`].some((name) => form.test(name));
	});
}

const REQUIREMENT = /^\s*([\w./-]+)\s*(?:(!?==?)\s*([\w.-]*))?\s*$/;

type Requirement = (labels: ObjectRow['labels']) => boolean;

function requirements(selector: string): Requirement[] {
	if (selector.trim() === '') return [];
	return selector.split(',').map((text) => {
		const parts = REQUIREMENT.exec(text);
		if (!parts?.[1]) {
			throw failure('invalidInput', `label selector: "${text.trim()}" is no requirement`, {
				guidance: 'Write it as for kubectl -l: app=web, tier!=cache, team',
			});
		}
		const [, key, operator, value] = parts;
		if (!operator) return (labels) => key in labels;
		return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
	});
}

/** The objects of a selection, in the given order. Rejects what does not parse, naming the field. */
export function select(rows: Iterable<ObjectRow>, of: Selection): ObjectRow[] {
	const labels = requirements(of.labelSelector);
	const include = of.includeNamespaces.map(wildcard);
	const exclude = of.excludeNamespaces.map(wildcard);
	const inNamespace = (name: string) =>
		(include.length === 0 || include.some((form) => form.test(name))) && !exclude.some((form) => form.test(name));
	const whole = include.length === 0 && exclude.length === 0 && of.includeResources.length === 0 && labels.length === 0;
	const scoped = (row: ObjectRow) => {
		if (of.clusterScoped === 'none') return false;
		if (of.clusterScoped === 'all' || whole) return true;
		return row.kind === 'Namespace' && inNamespace(row.name);
	};
	return [...rows].filter((row) => {
		if (row.kind === 'Secret' && of.excludeSecrets) return false;
		if (isType(of.excludeResources, row)) return false;
		if (row.namespace === '') return scoped(row);
		if (of.includeResources.length > 0 && !isType(of.includeResources, row)) return false;
		return inNamespace(row.namespace) && labels.every((holds) => holds(row.labels));
	});
}
