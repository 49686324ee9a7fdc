import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

it('says of a failing vault what is wrong and what to do', async () => {
	const { user } = renderApp('/vaults', { failingVault: 'aksbackups' });
	expect(await screen.findByText('2 vaults, 1 cannot be worked with.')).toBeVisible();
	await user.click(await screen.findByRole('row', { name: /^Not usable aksbackups/ }));
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('contosobackups.blob.core.windows.net is not found');
	expect(alert).toHaveTextContent('Check the network, or the proxy in Settings');
	expect(within(alert).getByRole('button', { name: 'Try again' })).toBeEnabled();
});

it('names the role that is missing, and forgets what was found once the address changes', async () => {
	const { user } = renderApp('/vaults?do=add');
	await user.click(await screen.findByRole('radio', { name: 'Azure blob container' }));
	const address = screen.getByRole('textbox', { name: 'Address' });
	await user.type(address, 'https://contoso.blob.core.windows.net/forbidden');
	await user.click(screen.getByRole('button', { name: 'Test access' }));
	expect(await screen.findByText(/Storage Blob Data Contributor/)).toBeVisible();
	expect(screen.getAllByRole('listitem').map((step) => step.textContent)).toContain('Write a blobnot tried');
	await user.type(address, '-not');
	expect(screen.queryByText(/Storage Blob Data Contributor/)).toBeNull();
});

it('hides a SAS while it is typed and does not go on without one', async () => {
	const { backend, user } = renderApp('/vaults?do=add', { empty: true });
	await user.click(await screen.findByRole('radio', { name: 'Azure blob container' }));
	await user.type(screen.getByRole('textbox', { name: 'Address' }), 'https://contoso.blob.core.windows.net/backups');
	await user.click(screen.getByRole('combobox', { name: 'Sign in with' }));
	await user.click(screen.getByRole('option', { name: /SAS/ }));
	expect(screen.getByRole('button', { name: 'Add vault' })).toBeDisabled();
	const field = screen.getByLabelText('SAS');
	expect(field).toHaveAttribute('type', 'password');
	await user.type(field, 'sv=2026&sig=abc');
	await user.click(screen.getByRole('button', { name: 'Add vault' }));
	expect(await screen.findByRole('complementary', { name: 'backups' })).toBeVisible();
	expect((await backend.vaults())[0]).toMatchObject({ kind: 'blob', auth: 'sas', name: 'backups' });
});

it('forgets a vault only after asking', async () => {
	const { backend, user } = renderApp('/vaults?vault=local');
	await user.click(await screen.findByRole('button', { name: 'Forget…' }));
	const dialog = await screen.findByRole('alertdialog', { name: 'Forget local?' });
	expect(dialog).toHaveTextContent('Nothing in /srv/backups is touched');
	expect(await backend.vaults()).toHaveLength(2);
	await user.click(within(dialog).getByRole('button', { name: 'Forget vault' }));
	expect(await screen.findByText('1 vault, all can be worked with.')).toBeVisible();
});
