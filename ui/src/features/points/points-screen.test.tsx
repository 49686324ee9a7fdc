import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

const IN_ROW = { selector: '[role=row] *' };
const cell = (text: string | RegExp) => screen.findByText(text, IN_ROW);

it('shows the points of a vault that cannot be reached as they were seen last, and says so', async () => {
	renderApp('/points', { failingVault: 'aksbackups' });
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('cannot be reached');
	expect(alert).toHaveTextContent('Recovery points of aksbackups are shown as they were seen last');
	expect(await cell(/^fleet-2/)).toBeInTheDocument();
});

it('deletes a point only once its name was typed', async () => {
	const { user } = renderApp('/points');
	await user.click(await cell('shop-before-upgrade'));
	await user.click(await screen.findByRole('button', { name: 'Delete…' }));
	const dialog = await screen.findByRole('dialog');
	const confirm = within(dialog).getByRole('button', { name: 'Delete recovery point' });
	await user.type(within(dialog).getByRole('textbox'), 'shop-before');
	expect(confirm).toBeDisabled();
	await user.type(within(dialog).getByRole('textbox'), '-upgrade');
	await user.click(confirm);
	expect(await screen.findByText(/^18 recovery points in 2 vaults/)).toBeInTheDocument();
	expect(screen.queryByText('shop-before-upgrade', IN_ROW)).toBeNull();
});

it('does not let a damaged point be restored, and says why', async () => {
	const { user } = renderApp('/points');
	await user.click(await cell('Unreadable'));
	expect(await screen.findByText(/its index ends after 65536 of 180224 bytes/)).toBeInTheDocument();
	expect(screen.getByRole('button', { name: 'Restore…' })).toBeDisabled();
});

it('leads to a cluster where there is no point yet', async () => {
	const { user } = renderApp('/points', { empty: true });
	await user.click(await screen.findByRole('button', { name: 'Choose a cluster to back up' }));
	expect(await screen.findByRole('heading', { name: 'Clusters' })).toBeInTheDocument();
});
