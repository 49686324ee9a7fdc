import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

it('saves a plan, opens it again where it changed, and accepts what changed', async () => {
	const { backend, user } = renderApp(START);
	await user.click(await screen.findByRole('radio', { name: /^Patch/ }));
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	await user.click(await screen.findByRole('button', { name: 'Save plan…' }));
	expect(await screen.findByText('Saved as /home/ada/shop-before-upgrade-plan.json')).toBeInTheDocument();
	expect(backend.saved[0]?.name).toBe('shop-before-upgrade-plan.json');

	await user.click(screen.getByRole('button', { name: 'Start over' }));
	await user.click(await screen.findByRole('button', { name: 'Open a saved plan…' }));
	const dialog = await screen.findByRole('dialog', { name: 'Open a saved plan' });
	await waitFor(() => expect(within(dialog).getByRole('button', { name: 'Open the plan' })).toBeEnabled());
	await user.click(await within(dialog).findByRole('button', { name: 'Open the plan' }));
	expect(await screen.findByText(/What changed in the cluster since it was saved is Blocked/)).toBeInTheDocument();
	const grid = await screen.findByRole('grid', { name: 'Planned objects' });
	expect(await within(grid).findAllByText(/its live object changed since the plan was saved/)).toHaveLength(2);
	expect(screen.getByText(/^Patch what exists/)).toBeInTheDocument();

	await user.click(screen.getByRole('button', { name: 'Accept what changed' }));
	expect(await screen.findByText(/is planned as it is now/)).toBeInTheDocument();
	await waitFor(() => expect(screen.queryByText(/its live object changed/)).toBeNull());
	expect(screen.getByRole('button', { name: /^Restore \d+ objects/ })).toBeEnabled();
}, 60_000);

it('says what is wrong with a file that is no plan, and does nothing where none is chosen', async () => {
	const { backend, user } = renderApp(START);
	await user.click(await screen.findByRole('button', { name: 'Open a saved plan…' }));
	expect(screen.queryByRole('dialog')).toBeNull();
	backend.openText = async () => '{}';
	await user.click(screen.getByRole('button', { name: 'Open a saved plan…' }));
	await user.click(await screen.findByRole('button', { name: 'Open the plan' }));
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('This is no saved plan');
	// Trying again is about the file, not about what is filled in.
	await user.click(within(alert).getByRole('button', { name: 'Try again' }));
	expect(await screen.findByRole('alert')).toHaveTextContent('This is no saved plan');
	expect(screen.queryByRole('grid', { name: 'Planned objects' })).toBeNull();
});
