import type { FieldChange, PlanDiff } from '../bindings';
import { differences } from './decide';
import { manifest } from './manifests';
import type { Entry } from './plans';
import { type Json, toYaml } from './yaml';

/** Puts `text`, a JSON text, at a JSON pointer; takes the field away where it is empty. */
function set(object: { [key: string]: Json }, pointer: string, text: string): void {
	const path = pointer.split('/').slice(1);
	const last = path.pop();
	let at: Json = object;
	for (const part of path) {
		const inner: Json | undefined = (at as { [key: string]: Json })[part];
		if (inner === undefined || inner === null || typeof inner !== 'object') return;
		at = inner;
	}
	if (last === undefined) return;
	if (text === '') delete (at as { [key: string]: Json })[last];
	else (at as { [key: string]: Json })[last] = JSON.parse(text) as Json;
}

function withFields(object: { [key: string]: Json }, changes: FieldChange[], side: 'live' | 'point') {
	const copy = structuredClone(object);
	for (const change of changes) set(copy, change.path, change[side]);
	return copy;
}

/** An entry in full. */
export function diffOf({ object, row }: Entry): PlanDiff {
	const point = manifest(object, true);
	const metadata = point.metadata as { [key: string]: Json };
	metadata.name = row.targetName;
	if (row.targetNamespace) metadata.namespace = row.targetNamespace;
	const changes = row.changes > 0 ? differences(object) : [];
	const after = toYaml(withFields(point, changes, 'point'));
	if (row.action === 'identical') return { row, live: after, after, changes };
	if (changes.length === 0) return { row, after, changes };
	return { row, live: toYaml(withFields(point, changes, 'live')), after, changes };
}
