import { screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { useHooksDraft } from '@/features/hooks/use-hooks';
import { renderApp } from '@/test/render-app';
import { seriousProblems } from '@/test/serious-problems';

const START = '/clusters/prod-weu?do=backup';
beforeEach(() => useHooksDraft.setState({ text: '' }));

it('takes snapshots unless they are not wanted, and says so in the command', async () => {
	const { backend, user } = renderApp(START);
	const start = vi.spyOn(backend, 'startBackup');
	expect(await screen.findByText(/120 volume claims, with snapshots of those on Azure disks/)).toBeInTheDocument();
	await user.click(screen.getByRole('checkbox', { name: 'Take snapshots of volumes' }));
	expect(screen.getByText(/120 volume claims, without the data in the volumes/)).toBeInTheDocument();
	expect(await screen.findByText(/ --snapshot-volumes false$/)).toBeInTheDocument();
	expect(screen.queryByRole('combobox', { name: /^Hooks/ })).toBeNull();
	await user.click(screen.getByRole('button', { name: /^Back up 9.706 objects$/ }));
	await waitFor(() => expect(start).toHaveBeenCalled());
	expect(start.mock.calls[0]?.[0].volumes.snapshots).toBe(false);
});

it('offers the hooks of the cluster, checks those that are typed, and takes the limits', async () => {
	const { backend, user } = renderApp(START);
	const start = vi.spyOn(backend, 'startBackup');
	const hooks = await screen.findByRole('combobox', { name: /^Hooks/ });
	await user.click(hooks);
	await user.click(await screen.findByRole('menuitemcheckbox', { name: 'default/postgresql' }));
	await user.type(hooks, 'redis{Enter}');
	expect(await screen.findByText(/"redis" is no reference to hooks/)).toBeInTheDocument();
	expect(screen.getByText('Correct what is said about volumes.')).toBeInTheDocument();
	await user.click(screen.getByRole('button', { name: /Remove redis/ }));
	await waitFor(() => expect(screen.queryByText(/is no reference/)).toBeNull());
	await user.click(screen.getByText(/^Advanced/));
	const freeze = screen.getByRole('textbox', { name: 'Hold of a pod by its hooks' });
	await user.clear(freeze);
	expect(screen.getByText('A whole number.')).toBeInTheDocument();
	await user.type(freeze, '90');
	const snapshotClass = screen.getByRole('textbox', { name: 'Snapshot class' });
	await user.type(snapshotClass, 'Cold');
	expect(screen.getByText(/^Lower-case letters/)).toBeInTheDocument();
	await user.clear(snapshotClass);
	await user.type(snapshotClass, 'cold');
	const atOnce = screen.getByRole('textbox', { name: 'Snapshots at once' });
	await user.clear(atOnce);
	await user.type(atOnce, '4');
	const words =
		/ --freeze-timeout 90s --snapshot-concurrency 4 --snapshot-class disk.csi.azure.com=cold --hooks default\/postgresql$/;
	expect(await screen.findByText(words)).toBeInTheDocument();
	expect(await seriousProblems()).toEqual([]);
	await user.click(await screen.findByRole('button', { name: /^Back up 9.706 objects$/ }));
	await waitFor(() => expect(start).toHaveBeenCalled());
	expect(start.mock.calls[0]?.[0].volumes).toEqual({
		snapshots: true,
		hooks: ['default/postgresql'],
		timeoutSeconds: 600,
		freezeSeconds: 90,
		atOnce: 4,
		snapshotClass: 'cold',
	});
});

it('has hooks written without losing what is filled in, and names them', async () => {
	const { user } = renderApp(START);
	const name = await screen.findByRole('textbox', { name: 'Name' });
	await waitFor(() => expect((name as HTMLInputElement).value).toMatch(/^prod-weu-/));
	await user.clear(name);
	await user.type(name, 'mine');
	await user.click(await screen.findByRole('button', { name: 'Write hooks…' }));
	const dialog = await screen.findByRole('dialog', { name: 'Write hooks' });
	await user.click(await within(dialog).findByRole('button', { name: 'Begin with a template' }));
	await user.click(await screen.findByRole('menuitem', { name: /^MySQL/ }));
	await user.click(await within(dialog).findByRole('button', { name: 'Name default/mysql in this backup' }));
	expect(await screen.findByRole('button', { name: /Remove default\/mysql/ })).toBeInTheDocument();
	expect(screen.getByRole('textbox', { name: 'Name' })).toHaveValue('mine');
});
