/** A value of a manifest. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What the engine writes instead of a Secret's value. */
export const MASK = '••••';

const PLAIN = /^[A-Za-z_/.•][\w/.:•@=-]*$/;
const RESERVED = /^(true|false|null|yes|no|on|off|~)$/i;

function scalar(value: string | number | boolean | null): string {
	if (typeof value !== 'string') return String(value);
	if (PLAIN.test(value) && !RESERVED.test(value) && !value.endsWith(':')) return value;
	return JSON.stringify(value);
}

/** YAML in block style, keys in the order given. */
export function toYaml(value: Json, indent = ''): string {
	if (value === null || typeof value !== 'object') return `${scalar(value)}\n`;
	if (Array.isArray(value)) {
		if (value.length === 0) return '[]\n';
		return value.map((item) => `${indent}- ${toYaml(item, `${indent}  `).trimStart()}`).join('');
	}
	const entries = Object.entries(value);
	if (entries.length === 0) return '{}\n';
	return entries.map(([key, item]) => `${indent}${scalar(key)}:${nested(item, indent)}`).join('');
}

function nested(item: Json, indent: string): string {
	if (typeof item === 'string' && item.includes('\n')) {
		const lines = item.replace(/\n$/, '').split('\n');
		return ` |${item.endsWith('\n') ? '' : '-'}\n${lines.map((line) => `${indent}  ${line}\n`).join('')}`;
	}
	const empty = item !== null && typeof item === 'object' && Object.keys(item).length === 0;
	if (item === null || typeof item !== 'object' || empty) return ` ${toYaml(item)}`;
	return `\n${toYaml(item, Array.isArray(item) ? indent : `${indent}  `)}`;
}
