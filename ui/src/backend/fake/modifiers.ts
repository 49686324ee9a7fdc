import type { Backend } from '../backend';
import type { FieldChange, ModifierEffect, ModifiersLint, ModifierTemplate, ObjectRow } from '../bindings';
import { hash } from './catalogue';
import { type FakeHost, failure, progress } from './host';
import { type FakePoint, findPoint } from './points';
import { select } from './selection';

const TEMPLATES: ModifierTemplate[] = [
	{
		title: 'Restore workloads without starting them',
		text: `version: v1
resourceModifierRules:
- conditions:
    groupResource: "{deployments,statefulsets}.apps"
  mergePatches:
  - patchData: |
      spec:
        replicas: 0
`,
	},
	{
		title: 'Use another host name',
		text: `version: v1
resourceModifierRules:
- conditions:
    groupResource: ingresses.networking.k8s.io
  patches:
  - operation: replace
    path: /spec/rules/0/host
    value: staging.example.com
`,
	},
];

interface Rule {
	resources: string[];
	changes: FieldChange[];
}

/** A rough reading, enough for the templates; the engine's own is exact. */
function read(text: string): Rule[] {
	const rules: Rule[] = [];
	let path = '';
	for (const line of text.split('\n')) {
		const [, key = '', value = ''] = /^\s*(?:- )?(\w+):\s*(.*?)\s*$/.exec(line) ?? [];
		const last = rules.at(-1);
		if (key === 'groupResource') {
			const [, many, group] = /^"?\{(.*)\}(.*?)"?$/.exec(value) ?? [];
			const all = many?.split(',').map((name) => name + group) ?? [value.replaceAll('"', '')];
			rules.push({ resources: all, changes: [] });
		} else if (key === 'path') path = value;
		else if (key === 'value') last?.changes.push({ path, live: '"shop.example.com"', point: JSON.stringify(value) });
		else if (key === 'replicas') last?.changes.push({ path: '/spec/replicas', live: '3', point: value });
	}
	return rules;
}

export function lint(text: string): ModifiersLint {
	const wrong = (problem: string, line: number, column: number) => ({ rules: 0, problem, line, column });
	if (text.trim() === '') return wrong('', 0, 0);
	const lines = text.split('\n');
	const tab = lines.findIndex((line) => line.includes('\t'));
	if (tab >= 0) return wrong('a tab cannot indent', tab + 1, (lines[tab]?.indexOf('\t') ?? 0) + 1);
	const odd = lines.findIndex((line) => /operation: (?!replace|add|remove|test|move|copy)/.test(line));
	if (odd >= 0) {
		const column = (lines[odd]?.indexOf('operation') ?? 0) + 12;
		return wrong('rule 1: there is no such operation; write add, remove, replace, move, copy or test', odd + 1, column);
	}
	if (!text.includes('resourceModifierRules:')) return wrong('resourceModifierRules is missing', 1, 1);
	return { rules: read(text).length, problem: '', line: 0, column: 0 };
}

/** Whether a rule fails for this object. */
const fails = (row: ObjectRow): boolean => row.kind === 'Ingress' && hash(row.name) % 3 === 0;

function effect(row: ObjectRow, rules: Rule[]): ModifierEffect | undefined {
	const at = rules.findIndex(({ resources }) => resources.includes(row.resource));
	const rule = rules[at];
	if (!rule) return undefined;
	const failed = fails(row);
	const changes = failed ? [] : rule.changes;
	const note = failed
		? `rule ${at + 1} failed: there is nothing at ${rule.changes[0]?.path}`
		: `rule ${at + 1} applied`;
	const { group, kind, namespace, name } = row;
	return { group, kind, namespace, name, changed: changes.length > 0, failed, notes: [note], changes };
}

/** What modifiers did to an object of a plan, in words. */
export function modifiersWords(row: ObjectRow, text: string): string[] {
	return text === '' ? [] : (effect(row, read(text))?.notes ?? []);
}

type ModifiersPart = Pick<Backend, 'lintModifiers' | 'modifierTemplates' | 'tryModifiers'>;

/** The calls about resource modifiers. */
export function modifiersPart(host: FakeHost, points: FakePoint[]): ModifiersPart {
	return {
		lintModifiers: async (text) => lint(text),
		modifierTemplates: async () => TEMPLATES,
		async tryModifiers(key, selection, text, requestId) {
			const { problem } = lint(text);
			if (problem) throw failure('invalidInput', `modifiers: ${problem}`);
			const { objects } = findPoint(points, key);
			const all = Array.from({ length: objects.size }, (_, at) => objects.at(at));
			await progress(host, requestId, [{ phase: 'reading the recovery point', detail: '', done: 0, rate: 0 }]);
			const rules = read(text);
			const effects = select(all, selection).flatMap((row) => effect(row, rules) ?? []);
			return {
				matched: effects.length,
				changed: effects.filter(({ changed }) => changed).length,
				failed: effects.filter(({ failed }) => failed).length,
				effects: effects.toSorted((a, b) => Number(b.failed) - Number(a.failed)).slice(0, 200),
			};
		},
	};
}
