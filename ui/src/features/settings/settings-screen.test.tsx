import { screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

it('saves each change at once and shows it', async () => {
	const { backend, user } = renderApp('/settings');
	await user.click(await screen.findByRole('radio', { name: 'Dark' }));
	await waitFor(() => expect(document.documentElement.style.colorScheme).toBe('dark'));
	await user.click(screen.getByRole('switch', { name: 'Compact rows' }));
	await user.click(screen.getByRole('button', { name: 'Add a file…' }));
	expect(await screen.findByText('/home/ada/.kube/contoso')).toBeVisible();
	await waitFor(async () =>
		expect(await backend.settings()).toMatchObject({
			appearance: 'dark',
			compact: true,
			kubeconfigFiles: ['/home/ada/.kube/contoso'],
		}),
	);
});

it('puts no half-typed proxy in force', async () => {
	const { backend, user } = renderApp('/settings');
	await user.type(await screen.findByRole('textbox', { name: 'Proxy' }), 'http://proxy:3128');
	expect((await backend.settings()).proxy).toBe('');
	await user.keyboard('{Enter}');
	await waitFor(async () => expect((await backend.settings()).proxy).toBe('http://proxy:3128'));
});
