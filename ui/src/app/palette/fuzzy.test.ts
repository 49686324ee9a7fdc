import { describe, expect, it } from 'vitest';
import { fuzzyScore } from './fuzzy';

const best = (query: string, ...texts: string[]) =>
	texts
		.map((text) => ({ text, score: fuzzyScore(query, text) }))
		.filter((each) => each.score !== undefined)
		.sort((a, b) => (b.score ?? 0) - (a.score ?? 0))
		.map(({ text }) => text);

describe('fuzzyScore', () => {
	it('finds letters in their order only', () => {
		expect(best('bsc', 'cluster backups', 'Backup of shop-cluster')).toEqual(['Backup of shop-cluster']);
	});

	it('prefers beginnings of words to letters within them', () => {
		expect(best('gv', 'Ingress overview', 'Go to Vaults')[0]).toBe('Go to Vaults');
	});

	it('prefers the shorter of two that match alike', () => {
		expect(best('prod-weu', 'prod-weu-20261125-0400', 'prod-weu')[0]).toBe('prod-weu');
	});

	it('finds repeated letters where a word start further on would lose them', () => {
		expect(fuzzyScore('oo', 'Go to one')).toBeDefined();
		expect(fuzzyScore('aab', 'aab a')).toBeDefined();
	});
});
