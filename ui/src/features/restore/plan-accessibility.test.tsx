import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';
import { seriousProblems } from '@/test/serious-problems';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

it('has no serious accessibility problem: modifiers with their effect', async () => {
	const { user } = renderApp(START);
	await user.click(await screen.findByRole('button', { name: 'Resource modifiers' }));
	await user.click(await screen.findByRole('button', { name: 'Begin with a template' }));
	await user.click(await screen.findByRole('menuitem', { name: 'Use another host name' }));
	await screen.findByText('1 rule');
	await user.click(screen.getByRole('button', { name: 'See the effect' }));
	await screen.findByRole('list', { name: 'Effects' });
	expect(await seriousProblems()).toEqual([]);
});

it('has no serious accessibility problem: a plan that was tried, with marked rows and an entry', async () => {
	const { user } = renderApp(START);
	await user.click(await screen.findByRole('button', { name: 'Plan the restore' }));
	await user.click(await screen.findByRole('button', { name: 'Try with the server' }));
	await screen.findByRole('region', { name: 'What trying found' });
	await user.click(screen.getByRole('checkbox', { name: 'Select all rows' }));
	await screen.findByRole('toolbar', { name: 'Marked objects' });
	await user.click(await screen.findByRole('row', { name: /Blocked StatefulSet redis/ }));
	await screen.findByRole('region', { name: 'StatefulSet redis' });
	expect(await seriousProblems()).toEqual([]);
});
