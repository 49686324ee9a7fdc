import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';
import { seriousProblems } from '@/test/serious-problems';

const SCREENS = [
	'/',
	'/clusters/prod-weu',
	'/clusters/sandbox?do=backup',
	'/points',
	'/points/local/shop-before-upgrade',
	'/points/local/shop-before-upgrade?tab=volumes&claim=shop/data-postgres-0',
	'/hooks',
	'/restore?vault=local&point=shop-before-upgrade&cluster=sandbox',
	'/jobs?vault=aksbackups&job=job-backup-2',
	'/jobs/local/job-backup-1?tab=volumes',
	'/jobs/local/job-restore-1',
	'/jobs/local/job-restore-1?tab=undo',
	'/vaults?do=add',
	'/settings',
];

it.each(SCREENS)('%s has no serious accessibility problem', async (address) => {
	renderApp(address);
	await screen.findByRole('heading', { level: 1 });
	await waitFor(() => expect(document.querySelector('[aria-busy="true"]')).toBeNull());
	expect(await seriousProblems()).toEqual([]);
});
