import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

it('reaches a backup by keyboard alone', async () => {
	const { user } = renderApp('/');
	await screen.findByText('Needs attention');
	await user.keyboard('{Control>}k{/Control}');
	await user.type(await screen.findByRole('combobox', { name: 'Search or run a command' }), 'backprod');
	const options = screen.getAllByRole('option');
	expect(options[0]).toHaveTextContent('Back up prod-weu');
	await user.keyboard('{Enter}');
	expect(await screen.findByRole('complementary', { name: 'Back up prod-weu' })).toBeVisible();
	expect(screen.queryByRole('combobox', { name: 'Search or run a command' })).toBeNull();
});

it('goes to a screen by its keys, but not while something is typed', async () => {
	const { user } = renderApp('/clusters');
	await user.type(await screen.findByRole('searchbox', { name: 'Filter clusters' }), 'gv');
	expect(screen.getByRole('heading', { name: 'Clusters' })).toBeVisible();
	screen.getByRole('searchbox', { name: 'Filter clusters' }).blur();
	await user.keyboard('gv');
	expect(await screen.findByRole('heading', { name: 'Vaults' })).toBeVisible();
});
