import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

it('runs a sign-in command only once it was allowed', async () => {
	const { backend, user } = renderApp('/clusters/dev-neu');
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('/usr/local/bin/kubelogin');
	expect(screen.getByText('Not signed in')).toBeVisible();
	await user.click(within(alert).getByRole('button', { name: 'Allow kubelogin to run' }));
	expect(await screen.findByText('Reachable')).toBeVisible();
	expect(screen.queryByRole('alert')).toBeNull();
	expect((await backend.settings()).allowedPlugins).toEqual(['/usr/local/bin/kubelogin']);
});

it('says why a cluster cannot be backed up, in the pane of the backup', async () => {
	renderApp('/clusters/legacy-onprem?do=backup');
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('does not answer at https://10.20.0.14:6443');
	expect(alert).toHaveTextContent('VPN');
	expect(screen.getByRole('button', { name: 'Back up' })).toBeDisabled();
});
