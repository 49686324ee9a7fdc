import { screen, waitFor } from '@testing-library/react';
import axe from 'axe-core';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

const SCREENS = [
	'/',
	'/clusters/prod-weu',
	'/clusters/sandbox?do=backup',
	'/points',
	'/points/local/shop-before-upgrade',
	'/restore?vault=local&point=shop-before-upgrade&cluster=sandbox',
	'/jobs?vault=aksbackups&job=job-backup-2',
	'/jobs/local/job-restore-1',
	'/vaults?do=add',
	'/settings',
];

it.each(SCREENS)('%s has no serious accessibility problem', async (address) => {
	renderApp(address);
	await screen.findByRole('heading', { level: 1 });
	await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).toBeNull());
	// Colours are not computed without layout; the theme's contrasts are chosen in theme.ts.
	// Fluent's focus traps bring elements of their own, which pass the focus on.
	const page = { include: [document.body], exclude: ['[data-tabster-dummy]'] };
	const { violations } = await axe.run(page, { rules: { 'color-contrast': { enabled: false } } });
	const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
	expect(serious.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join('\n')}`)).toEqual(
		[],
	);
});
