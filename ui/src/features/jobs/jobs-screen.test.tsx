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
