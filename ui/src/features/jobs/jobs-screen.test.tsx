import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { BackupRequest } from '@/backend/bindings';
import { renderApp } from '@/test/render-app';

const REQUEST: BackupRequest = {
	clusterId: 'sandbox',
	vaultId: 'local',
	name: 'slow',
	selection: {
		includeNamespaces: [],
		excludeNamespaces: [],
		includeResources: [],
		excludeResources: [],
		labelSelector: '',
		clusterScoped: 'auto',
		excludeSecrets: false,
	},
	volumes: { snapshots: true, hooks: [], timeoutSeconds: 600, freezeSeconds: 60, atOnce: 16, snapshotClass: '' },
};

it('cancels a job after asking, and leaves no recovery point of it', async () => {
	const { backend, user } = renderApp('/jobs', { step: 2_000 });
	await screen.findByRole('row', { name: /Failed/ });
	await backend.startBackup(REQUEST);
	const strip = await screen.findByRole('region', { name: 'Running jobs' });
	await user.click(within(strip).getByRole('button', { name: 'Cancel backup' }));
	const dialog = await screen.findByRole('alertdialog', { name: 'Cancel this backup?' });
	expect((await backend.job('local', 'backup-slow')).row.state).toBe('running');
	await user.click(within(dialog).getByRole('button', { name: 'Cancel backup' }));
	expect(await screen.findByRole('row', { name: /Cancelled Backup of Sandbox .* slow/ })).toBeVisible();
	await waitFor(() => expect(screen.queryByRole('region', { name: 'Running jobs' })).toBeNull());
	expect((await backend.points()).points.map((point) => point.name)).not.toContain('slow');
});

it('groups warnings by cause and searches the log', async () => {
	const { user } = renderApp('/jobs/aksbackups/job-backup-2');
	expect(await screen.findByText(/secrets cannot be listed in namespace payments/)).toHaveTextContent(/^12 × secrets/);
	await user.click(screen.getByRole('tab', { name: 'Log' }));
	await user.type(await screen.findByRole('searchbox', { name: 'Search the log' }), 'PAYMENTS');
	expect(await screen.findByText('12 lines')).toBeVisible();
});

it('tells what the hooks of a restore did, and what they wrote', async () => {
	const { user } = renderApp('/jobs/local/job-restore-1');
	await user.click(await screen.findByRole('tab', { name: 'Hooks' }));
	const grid = await screen.findByRole('grid', { name: 'Hook runs' });
	expect(await within(grid).findByRole('row', { name: /Failed.*search-0/ })).toBeVisible();
	await user.click(within(grid).getByRole('row', { name: /Succeeded.*postgres-0/ }));
	expect(await screen.findByText(/vacuuming database "orders"/)).toBeVisible();
	expect(screen.getByText('After the restore', { selector: 'dd, dd *' })).toBeVisible();
});

it('asks what becomes of running jobs before the window closes', async () => {
	const { backend, user } = renderApp('/jobs');
	const answers: string[] = [];
	backend.answerClose = async (answer) => void answers.push(answer);
	await screen.findByRole('row', { name: /Failed/ });
	backend.emit({ type: 'closeRequested', running: 2 });
	const dialog = await screen.findByRole('alertdialog', { name: '2 jobs are still running' });
	await user.click(within(dialog).getByRole('button', { name: 'Keep running in the background' }));
	expect(answers).toEqual(['background']);
	expect(screen.queryByRole('alertdialog')).toBeNull();
});

it('leads from a warning of a restore to the objects that it is about', async () => {
	const { user } = renderApp('/jobs?vault=local&job=job-restore-1');
	await user.click(await screen.findByRole('link', { name: /2 × its data is not in the recovery point/ }));
	const grid = await screen.findByRole('grid', { name: 'Restored objects' });
	// The StatefulSets are blocked because of the same words and more.
	await waitFor(() => expect(grid).toHaveAttribute('aria-rowcount', '5'));
	expect(within(grid).getAllByText('PersistentVolumeClaim')).toHaveLength(2);
	expect(within(grid).getAllByText('Blocked')).toHaveLength(4);

	await user.click(screen.getByRole('tab', { name: 'Summary' }));
	await user.click(await screen.findByRole('link', { name: /Service staging\/search: .* already allocated/ }));
	await waitFor(() =>
		expect(screen.getByRole('grid', { name: 'Restored objects' })).toHaveAttribute('aria-rowcount', '2'),
	);
	expect(screen.getByRole('row', { name: /^Failed Service search/ })).toBeInTheDocument();

	await user.click(screen.getByRole('tab', { name: 'Summary' }));
	await user.click(await screen.findByRole('link', { name: /namespace staging will be made without labels/ }));
	expect(await screen.findByText(/it may be about the restore as a whole/)).toBeVisible();
	await user.click(screen.getByRole('button', { name: 'Clear the filter' }));
	expect(await screen.findByRole('row', { name: /^Failed Service search/ })).toBeInTheDocument();
});

it('leads from a warning of a backup to what its recovery point lacks', async () => {
	const { user } = renderApp('/jobs/aksbackups/job-backup-2');
	await user.click(await screen.findByRole('link', { name: /secrets cannot be listed in namespace payments/ }));
	expect(await screen.findByRole('tab', { name: 'Warnings 13' })).toHaveAttribute('aria-selected', 'true');
	expect(await screen.findByText(/cannot list resource "secrets".*\(403 Forbidden\)/)).toBeVisible();
});
