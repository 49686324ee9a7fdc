import { screen, waitFor, within } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { renderApp } from '@/test/render-app';
import { seriousProblems } from '@/test/serious-problems';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

it('replaces storage classes of the point by those of the cluster, and leaves out what is not filled in', async () => {
	const { backend, user } = renderApp(START);
	const plan = vi.spyOn(backend, 'planRestore');
	const add = await screen.findByRole('button', { name: 'Replace a storage class' });
	// What the point says of its volumes is there by then.
	await waitFor(async () =>
		expect((await backend.pointVolumes({ vaultId: 'local', point: 'shop-before-upgrade' })).volumes).not.toEqual([]),
	);
	await user.click(add);
	await user.click(add);
	const from = await screen.findByRole('combobox', { name: 'Storage class 1 in the recovery point' });
	expect(from).toHaveValue('managed-csi');
	const to = screen.getByRole('combobox', { name: 'Storage class 1 in the cluster' });
	await user.click(to);
	await user.click(await screen.findByRole('option', { name: /^managed-csi-zrs/ }));
	expect(await screen.findByText('disk.csi.azure.com')).toBeInTheDocument();
	expect(screen.getByText(/ · managed-csi → managed-csi-zrs$/)).toBeInTheDocument();
	expect(await seriousProblems()).toEqual([]);
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	await waitFor(() => expect(plan).toHaveBeenCalled());
	expect(plan.mock.calls[0]?.[0].storageClasses).toEqual([{ from: 'managed-csi', to: 'managed-csi-zrs' }]);
	expect(await screen.findByText(/--storage-class-mapping managed-csi=managed-csi-zrs/)).toBeInTheDocument();
}, 60_000);

it('says what is wrong with a row, and plans nothing until it is right', async () => {
	const { user } = renderApp(START);
	await user.click(await screen.findByRole('button', { name: 'Replace a storage class' }));
	const to = await screen.findByRole('combobox', { name: 'Storage class 1 in the cluster' });
	await user.type(to, 'Premium_1');
	expect(await screen.findByText(/^Lower-case letters, digits, hyphens and dots/)).toBeInTheDocument();
	expect(screen.getByText('Correct the storage classes first.')).toBeInTheDocument();
	await user.clear(to);
	await user.type(to, 'gone');
	expect(await screen.findByText('The cluster has no such class now.')).toBeInTheDocument();
	await user.click(within(document.body).getByRole('button', { name: /^Keep / }));
	expect(screen.queryByRole('combobox', { name: 'Storage class 1 in the cluster' })).toBeNull();
}, 60_000);

it('waits for claims as long as is chosen', async () => {
	const { backend, user } = renderApp(START);
	const plan = vi.spyOn(backend, 'planRestore');
	const wait = await screen.findByRole('combobox', { name: 'Wait until claims are filled' });
	expect(wait).toHaveDisplayValue('10 min');
	await user.selectOptions(wait, 'Do not wait');
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	await waitFor(() => expect(plan).toHaveBeenCalled());
	expect(plan.mock.calls[0]?.[0].volumeTimeoutSeconds).toBe(0);
	expect(await screen.findByText(/ --volume-timeout 0m$/)).toBeInTheDocument();
}, 60_000);

it('offers no wait for claims that are made empty', async () => {
	const { user } = renderApp(START);
	await screen.findByRole('combobox', { name: 'Wait until claims are filled' });
	await user.click(screen.getByRole('radio', { name: /^Without data/ }));
	expect(screen.queryByRole('combobox', { name: 'Wait until claims are filled' })).toBeNull();
});

it('names the hooks that run in restored pods', async () => {
	const { backend, user } = renderApp(START);
	const plan = vi.spyOn(backend, 'planRestore');
	const hooks = await screen.findByRole('combobox', { name: /^Hooks/ });
	await user.click(hooks);
	await user.click(await screen.findByRole('menuitemcheckbox', { name: 'default/postgresql' }));
	expect(await screen.findByText(/ · 1 object with hooks$/)).toBeInTheDocument();
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	await waitFor(() => expect(plan).toHaveBeenCalled());
	expect(plan.mock.calls[0]?.[0].hooks).toEqual(['default/postgresql']);
	expect(await screen.findByText(/ --hooks default\/postgresql$/)).toBeInTheDocument();
}, 60_000);
