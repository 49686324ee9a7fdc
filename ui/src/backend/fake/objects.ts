import type { Backend } from '../backend';
import type { ObjectQuery, ObjectRow, ObjectSort, TreeGroup } from '../bindings';
import type { Catalogue } from './catalogue';
import { failure } from './host';
import { manifest, secretKeys, secretValue } from './manifests';
import { type FakePoint, findPoint } from './points';
import { matches } from './words';
import { toYaml } from './yaml';

const KEYS: Record<ObjectSort, (row: ObjectRow) => string> = {
	kind: (row) => `${row.kind} ${row.namespace} ${row.name}`,
	name: (row) => `${row.name} ${row.kind} ${row.namespace}`,
	namespace: (row) => `${row.namespace} ${row.kind} ${row.name}`,
	bytes: (row) => String(row.bytes).padStart(12, '0'),
};

/** Numbers of objects in an order, kept because sorting a hundred thousand takes a while. */
const orders = new WeakMap<Catalogue, Map<ObjectSort, Uint32Array>>();

function order(objects: Catalogue, sort: ObjectSort): Uint32Array {
	const known = orders.get(objects) ?? new Map<ObjectSort, Uint32Array>();
	orders.set(objects, known);
	const made = known.get(sort);
	if (made) return made;
	const keys = Array.from({ length: objects.size }, (_, at) => KEYS[sort](objects.at(at)));
	const sorted = Uint32Array.from(keys.keys()).sort((a, b) => ((keys[a] ?? '') < (keys[b] ?? '') ? -1 : 1));
	known.set(sort, sorted);
	return sorted;
}

/** The numbers of the objects that match, in order. */
function found(objects: Catalogue, query: ObjectQuery): number[] {
	const rows = Array.from(order(objects, query.sort)).filter((at) => {
		const row = objects.at(at);
		return (
			(query.namespace === undefined || row.namespace === query.namespace) &&
			(query.resource === undefined || row.resource === query.resource) &&
			matches(query.text, row)
		);
	});
	return query.descending ? rows.reverse() : rows;
}

type ObjectsPart = Pick<Backend, 'pointObjects' | 'pointTree' | 'objectText' | 'revealSecret'>;

/** The calls about the objects of recovery points. */
export function objectsPart(points: FakePoint[]): ObjectsPart {
	let last: { key: string; rows: number[] } | undefined;
	const rowsOf = (query: ObjectQuery): number[] => {
		const { offset: _, limit: __, ...asked } = query;
		const key = JSON.stringify(asked);
		if (last?.key !== key) last = { key, rows: found(findPoint(points, query.point).objects, query) };
		return last.rows;
	};
	return {
		async pointObjects(query) {
			const { objects } = findPoint(points, query.point);
			const rows = rowsOf(query);
			const page = rows.slice(query.offset, query.offset + query.limit).map((at) => objects.at(at));
			return { total: rows.length, of: objects.size, offset: query.offset, rows: page };
		},
		async pointTree(query) {
			const { objects } = findPoint(points, query.point);
			return tree(rowsOf(query).map((at) => objects.at(at)));
		},
		async objectText(key, row, plain) {
			const object = findPoint(points, key).objects.at(row);
			return { yaml: toYaml(manifest(object, plain)), secretKeys: secretKeys(object) };
		},
		async revealSecret(key, row, secretKey) {
			const object = findPoint(points, key).objects.at(row);
			const value = secretValue(object, secretKey);
			if (!value) throw failure('notFound', `Secret ${object.namespace}/${object.name} has no key ${secretKey}`);
			return value;
		},
	};
}

function tree(rows: ObjectRow[]): TreeGroup[] {
	const groups = new Map<string, Map<string, [string, string, number]>>();
	for (const { namespace, kind, resource } of rows) {
		const kinds = groups.get(namespace) ?? new Map<string, [string, string, number]>();
		groups.set(namespace, kinds);
		const known = kinds.get(resource);
		if (known) known[2] += 1;
		else kinds.set(resource, [kind, resource, 1]);
	}
	return [...groups]
		.sort(([a], [b]) => a.localeCompare(b))
		.map(([namespace, kinds]) => {
			const sorted = [...kinds.values()].sort(([a], [b]) => a.localeCompare(b));
			return { namespace, objects: sorted.reduce((sum, [, , count]) => sum + count, 0), kinds: sorted };
		});
}
