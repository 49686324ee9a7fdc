import axe from 'axe-core';

/** What is seriously wrong with the page for people who do not see it, or have no mouse. */
export async function seriousProblems(): Promise<string[]> {
	// Colours are not computed without layout; the theme's contrasts are chosen in theme.ts.
	// Fluent's focus traps bring elements of their own, which pass the focus on.
	const page = { include: [document.body], exclude: ['[data-tabster-dummy]'] };
	const { violations } = await axe.run(page, { rules: { 'color-contrast': { enabled: false } } });
	return violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join('\n')}`);
}
