import { screen, waitFor, within } from '@testing-library/react';
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

it('says once, with the time, that the points of a vault that is gone are not of now', async () => {
	const { backend, user } = renderApp('/settings');
	await screen.findByRole('heading', { name: 'Settings' });
	const list = await backend.points();
	const failure = {
		code: 'vaultGone' as const,
		message: 'there is no vault in /srv/backups any more',
		guidance: 'Its recovery points are shown as they were seen last.',
		retryable: false,
	};
	backend.points = async () => ({ ...list, failures: [{ vaultId: 'local', vaultName: 'local', failure }] });
	await user.click(screen.getByRole('link', { name: 'Recovery points' }));
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent(/^There is no vault in \/srv\/backups any more/);
	await waitFor(() => expect(alert).toHaveTextContent('shown as they were seen last, just now.'));
	expect(alert.textContent?.match(/seen last/g)).toHaveLength(1);
});

it('deletes a point only once its name was typed', async () => {
	const { user } = renderApp('/points');
	await user.click(await cell('shop-before-upgrade'));
	await user.click(await screen.findByRole('button', { name: 'Delete…' }));
	const dialog = await screen.findByRole('dialog');
	const confirm = within(dialog).getByRole('button', { name: 'Delete recovery point' });
	expect(dialog).toHaveTextContent('Its 6 volume snapshots are deleted through cluster sandbox.');
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

it('exports the points that the filter leaves, with times and sizes for programs', async () => {
	const { backend, user } = renderApp('/points');
	await cell('Partial');
	await user.type(screen.getByRole('searchbox', { name: 'Filter recovery points' }), 'prod-weu');
	await user.click(screen.getByRole('button', { name: /^Unreadable/ }));
	await user.click(screen.getByRole('button', { name: /^Partial/ }));
	await user.click(screen.getByRole('button', { name: 'Columns and export' }));
	await user.click(await screen.findByRole('menuitem', { name: 'Export 2 rows as CSV…' }));
	await waitFor(() => expect(backend.saved).toHaveLength(1));
	expect(backend.saved[0]?.name).toMatch(/^holdfast-recovery-points-\d{4}-\d\d-\d\d\.csv$/);
	const [head, partial, unreadable] = (backend.saved[0]?.text ?? '').split('\r\n');
	expect(head).toBe('State,Name,Cluster,Vault,Taken,Objects,Volumes,Size (bytes),Warnings');
	expect(partial).toMatch(
		/^Partial,prod-weu-\d+-1200,prod-weu,aksbackups,\d{4}-\d\d-\d\dT[\d:.]+Z,9706,114,2077084,13$/,
	);
	expect(unreadable).toMatch(/^Unreadable,prod-weu-\d+-0400,prod-weu,aksbackups,[\dT:.Z-]+,,,,0$/);
});
