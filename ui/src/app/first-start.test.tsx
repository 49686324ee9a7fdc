import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

it('leads from the first start to the first recovery point', async () => {
	const { backend, user } = renderApp('/', { empty: true });
	await user.click(await screen.findByRole('button', { name: 'Back up now' }));

	const pane = await screen.findByRole('complementary', { name: 'Back up Sandbox (built in)' });
	expect(await within(pane).findByText('Choose where to keep it first.')).toBeVisible();
	await user.click(await within(pane).findByRole('button', { name: 'Keep them in this folder' }));
	const start = await within(pane).findByRole('button', { name: /^Back up \d+ objects$/ });
	const promised = Number(/\d+/.exec(start.textContent)?.[0]);
	expect(start).toBeEnabled();
	await user.click(start);

	expect(await screen.findByRole('region', { name: 'Running jobs' })).toHaveTextContent('Backup of Sandbox');
	expect(await screen.findByText('Backup of Sandbox (built in): Completed')).toBeVisible();
	expect(screen.queryByRole('region', { name: 'Running jobs' })).toBeNull();
	const { points } = await backend.points();
	expect(points.map((point) => point.objects)).toEqual([promised]);

	await user.click(screen.getByRole('link', { name: 'Overview' }));
	expect(await screen.findByRole('link', { name: '1 of 1 cluster' })).toBeVisible();
});

it('counts again when the selection changes, and does not start without a namespace', async () => {
	const { user } = renderApp('/clusters/sandbox?do=backup');
	const all = await screen.findByRole('button', { name: /^Back up \d+ objects$/ });
	const everything = Number(/\d+/.exec(all.textContent)?.[0]);
	await user.click(screen.getByRole('radio', { name: 'Only these' }));
	expect(screen.getByText('Choose at least one namespace.')).toBeVisible();
	expect(screen.getByRole('button', { name: 'Back up' })).toBeDisabled();
	await user.type(screen.getByRole('combobox', { name: 'Add namespaces' }), 'shop{Enter}');
	const some = await screen.findByRole('button', { name: /^Back up \d+ objects$/ });
	expect(Number(/\d+/.exec(some.textContent)?.[0])).toBeLessThan(everything);
	expect(await screen.findByText(/--include-namespaces shop/)).toBeVisible();
});
