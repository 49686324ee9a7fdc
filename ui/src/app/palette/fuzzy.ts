/**
 * How well the letters of `query` are found in `text` in their order; undefined where they are not. Beginnings of
 * words and letters in a row count more, and short texts more than long ones.
 */
export function fuzzyScore(query: string, text: string): number | undefined {
	const wanted = query.toLowerCase().replace(/\s+/g, '');
	const lower = text.toLowerCase();
	let score = 0;
	let from = 0;
	let before = -2;
	for (const [index, letter] of [...wanted].entries()) {
		// A beginning of a word further on is better than the next letter within one.
		const next = lower.indexOf(letter, from);
		if (next < 0) return undefined;
		const start = next === before + 1 ? next : (wordStart(lower, letter, from) ?? next);
		const rest = wanted.slice(index);
		const at = canFollow(lower, rest, start) ? start : next;
		score += 1;
		if (at === before + 1) score += 3;
		if (at === 0 || /[^a-z0-9]/.test(lower[at - 1] ?? '')) score += 4;
		before = at;
		from = at + 1;
	}
	return score - lower.length / 100;
}

function wordStart(text: string, letter: string, from: number): number | undefined {
	for (let at = text.indexOf(letter, from); at >= 0; at = text.indexOf(letter, at + 1)) {
		if (at === 0 || /[^a-z0-9]/.test(text[at - 1] ?? '')) return at;
	}
	return undefined;
}

/** Whether all of `letters` come in order from `at` on. */
function canFollow(text: string, letters: string, at: number): boolean {
	let from = at;
	for (const letter of letters) {
		const found = text.indexOf(letter, from);
		if (found < 0) return false;
		from = found + 1;
	}
	return true;
}
