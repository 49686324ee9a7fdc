import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Failure } from '@/backend/bindings';
import { renderApp } from '@/test/render-app';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

async function planned(options: Parameters<typeof renderApp>[1] = {}, claims = false) {
	const app = renderApp(START, options);
	await app.user.click(await screen.findByRole('radio', { name: /^Patch/ }));
	if (claims) await app.user.click(screen.getByRole('radio', { name: /^Without data/ }));
	await app.user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	await screen.findByRole('grid', { name: 'Planned objects' });
	return app;
}

it('tries a plan with the server: findings that block stand open, and their objects first', async () => {
	const { user } = await planned({}, true);
	expect(screen.queryByRole('region', { name: 'What trying found' })).toBeNull();
	await user.click(screen.getByRole('button', { name: 'Try with the server' }));
	const found = await screen.findByRole('region', { name: 'What trying found' });
	expect(found).toHaveTextContent('1 blocking');
	expect(found).toHaveTextContent('2 warnings');
	expect(within(found).getByRole('button', { expanded: true })).toBeInTheDocument();
	const titles = within(found).getAllByRole('heading', { level: 3 });
	expect(titles.map(({ textContent }) => textContent)).toEqual(['Blocking', 'Warnings', 'Good to know']);
	expect(within(found).getByText(/leave them out, or change them by resource modifiers/)).toBeVisible();
	expect(screen.getByText(/^Tried with the server at \d\d:\d\d/)).toBeInTheDocument();
	const grid = screen.getByRole('grid', { name: 'Planned objects' });
	await waitFor(() =>
		expect(within(grid).getAllByRole('row')[1]).toHaveTextContent(/Blocked.*(denied the request|already allocated)/),
	);
	expect(screen.getByText(/--validate server$/)).toBeInTheDocument();
	expect(screen.getByRole('button', { name: /^Restore \d+ objects/ })).toBeEnabled();
});

it('folds the findings away where none of them blocks', async () => {
	const { backend, user } = await planned();
	const validate = backend.validatePlan;
	backend.validatePlan = async (...of) => {
		const summary = await validate(...of);
		return { ...summary, findings: summary.findings.filter(({ level }) => level !== 'blocking') };
	};
	await user.click(screen.getByRole('button', { name: 'Try with the server' }));
	const found = await screen.findByRole('region', { name: 'What trying found' });
	expect(within(found).queryByText(/cannot take part in a dry run/)).not.toBeVisible();
	await user.click(within(found).getByRole('button', { expanded: false }));
	expect(within(found).getByText(/cannot take part in a dry run/)).toBeVisible();
});

it('stops trying when asked, and keeps the plan; what fails is said', async () => {
	const failing: { validatePlan?: Failure } = {};
	const { user } = await planned({ step: 100, failing });
	await user.click(screen.getByRole('button', { name: 'Try with the server' }));
	await screen.findByRole('progressbar', { name: 'Trying with the server' });
	expect(screen.getByRole('button', { name: /^Restore \d+ objects/ })).toBeDisabled();
	await user.click(screen.getByRole('button', { name: 'Cancel' }));
	await waitFor(() => expect(screen.getByRole('button', { name: /^Restore \d+ objects/ })).toBeEnabled());
	expect(screen.queryByRole('alert')).toBeNull();

	failing.validatePlan = {
		code: 'clusterForbidden',
		message: 'dry runs are forbidden',
		guidance: '',
		retryable: false,
	};
	await user.click(screen.getByRole('button', { name: 'Try with the server' }));
	expect(await screen.findByRole('alert')).toHaveTextContent('dry runs are forbidden');
	expect(screen.getByRole('button', { name: /^Restore \d+ objects/ })).toBeEnabled();
});
