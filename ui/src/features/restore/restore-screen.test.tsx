import { act, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Failure } from '@/backend/bindings';
import { renderApp } from '@/test/render-app';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

type Options = Parameters<typeof renderApp>[1];

async function planned(options: Options = {}, patch = false) {
	const app = renderApp(START, options);
	if (patch) await app.user.click(await screen.findByRole('radio', { name: /^Patch/ }));
	const plan = await screen.findByRole('button', { name: 'Plan the restore' });
	await waitFor(() => expect(plan).toBeEnabled());
	await app.user.click(plan);
	await screen.findByRole('grid', { name: 'Planned objects' });
	return app;
}

it('cannot restore before a plan was seen, and then says exactly what it will do', async () => {
	const { user } = renderApp(START);
	await screen.findByRole('button', { name: 'Plan the restore' });
	expect(screen.queryByRole('button', { name: /^Restore/ })).toBeNull();
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	const act = await screen.findByRole('button', { name: /^Restore \d+ objects.* into shop$/ });
	expect(act).toBeEnabled();
	expect(screen.getByText(/^holdfast restore --cluster sandbox .* --include-namespaces shop$/)).toBeInTheDocument();
});

it('filters a plan by Blocked and gives the reason', async () => {
	const { user } = await planned();
	await user.click(screen.getByRole('button', { name: /^Blocked/ }));
	const grid = screen.getByRole('grid', { name: 'Planned objects' });
	await waitFor(() => expect(within(grid).queryByText('Identical')).toBeNull());
	await user.click(await within(grid).findByText(/would make claim data-redis-0 empty/));
	const pane = await screen.findByRole('region', { name: 'StatefulSet redis' });
	expect(pane).toHaveTextContent('its controller would make claim data-redis-0 empty');
	expect(pane).toHaveTextContent('It cannot be restored as things are.');
});

it('walks the differences of a plan by n and p, live beside after', async () => {
	const { user } = await planned({}, true);
	await user.keyboard('n');
	const first = (await screen.findByText(/fields? differs?$/)).closest('section');
	const name = first?.getAttribute('aria-label');
	await waitFor(() => expect(screen.getByRole('textbox', { name: 'Live now' })).toBeInTheDocument());
	expect(screen.getByRole('textbox', { name: 'After' })).toBeInTheDocument();
	await user.keyboard('n');
	await waitFor(() => expect(screen.queryByRole('region', { name: name ?? '' })).toBeNull());
	await user.keyboard('p');
	expect(await screen.findByRole('region', { name: name ?? '' })).toBeInTheDocument();
	act(() => document.querySelector<HTMLElement>('[role=row][tabindex="0"]')?.focus());
	await user.keyboard('{Escape}');
	expect(screen.queryByRole('region', { name: name ?? '' })).toBeNull();
});

it('holds a plan for outdated once an input changes, until it is planned again', async () => {
	const { user } = await planned();
	await user.click(screen.getByRole('button', { name: /3 Rules/ }));
	await user.click(await screen.findByRole('radio', { name: /^Patch/ }));
	expect(await screen.findByText(/The inputs have changed since this plan was made/)).toBeInTheDocument();
	expect(screen.queryByRole('button', { name: /^Restore/ })).toBeNull();
	await user.click(screen.getByRole('button', { name: 'Plan again' }));
	await screen.findByRole('button', { name: /^Restore \d+ objects/ });
	expect(screen.queryByText(/The inputs have changed/)).toBeNull();
	expect(screen.getByRole('button', { name: 'Skip 0' })).toBeInTheDocument();
});

it('does not plan while a namespace goes to no valid name', async () => {
	const { user } = renderApp(START);
	await screen.findByText('Takes 128 namespaced objects.');
	await user.click(screen.getByRole('button', { name: 'Map a namespace' }));
	await user.type(screen.getByRole('textbox', { name: 'Namespace 1 in the cluster' }), 'Staging');
	expect(screen.getByText(/Lower-case letters, digits and hyphens/)).toBeInTheDocument();
	expect(screen.getByRole('button', { name: 'Plan the restore' })).toBeDisabled();
	await user.clear(screen.getByRole('textbox', { name: 'Namespace 1 in the cluster' }));
	await user.type(screen.getByRole('textbox', { name: 'Namespace 1 in the cluster' }), 'staging');
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	expect(await screen.findByRole('button', { name: /^Restore \d+ objects.* into staging$/ })).toBeEnabled();
});

it('says what to do when planning fails, and plans again on demand', async () => {
	const failing: { planRestore?: Failure } = {
		planRestore: {
			code: 'clusterUnreachable',
			message: 'Sandbox does not answer',
			guidance: 'Check that the API server runs.',
			retryable: true,
			details: 'GET /version: connection refused (os error 111)',
		},
	};
	const { user } = renderApp(START, { failing });
	await user.click(await screen.findByRole('button', { name: 'Plan the restore' }));
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('Check that the API server runs.');
	expect(alert).toHaveTextContent('connection refused (os error 111)');
	expect(screen.queryByRole('button', { name: /^Restore/ })).toBeNull();
	delete failing.planRestore;
	await user.click(within(alert).getByRole('button', { name: 'Try again' }));
	expect(await screen.findByRole('button', { name: /^Restore \d+ objects/ })).toBeEnabled();
	expect(screen.queryByRole('alert')).toBeNull();
});

it('stops planning when asked, without calling it a failure', async () => {
	const { user } = renderApp(START, { step: 100 });
	await user.click(await screen.findByRole('button', { name: 'Plan the restore' }));
	await user.click(await screen.findByRole('button', { name: 'Cancel' }));
	await waitFor(() => expect(screen.queryByRole('button', { name: 'Cancel' })).toBeNull());
	expect(screen.queryByRole('alert')).toBeNull();
	expect(screen.getByRole('button', { name: 'Plan the restore' })).toBeEnabled();
});

it('runs to a report whose failures stand first, in the words of the server', async () => {
	const { backend, user } = await planned({ step: 10 }, true);
	await user.click(screen.getByRole('button', { name: /^Restore \d+ objects/ }));
	expect(await screen.findByText(/You can leave this screen/)).toBeInTheDocument();
	expect(await screen.findByRole('progressbar', { name: 'Restoring' })).toBeInTheDocument();
	await screen.findByText(/^2 failed, 4 blocked, \d+ created, \d+ patched/, {}, { timeout: 30_000 });
	const grid = screen.getByRole('grid', { name: 'Restored objects' });
	await waitFor(() => {
		const rows = within(grid).getAllByRole('row').slice(1, 4);
		expect(rows.map((row) => row.textContent?.match(/^[A-Z][a-z]+(?=[A-Z])/)?.[0])).toEqual([
			'Failed',
			'Failed',
			'Blocked',
		]);
	});
	await user.click(within(grid).getByText(/^create|^patch/, { selector: '[title*=nodePort]' }));
	const pane = await screen.findByRole('region', { name: 'Service search' });
	expect(pane).toHaveTextContent('provided port is already allocated (422 Invalid)');
	await user.keyboard('{Escape}');
	await user.click(screen.getByRole('button', { name: 'Columns and export' }));
	await user.click(await screen.findByRole('menuitem', { name: /as CSV…$/ }));
	await waitFor(() => expect(backend.saved).toHaveLength(1));
	const lines = (backend.saved[0]?.text ?? '').trim().split('\r\n');
	expect(lines.map((line) => line.split(',')[0]).slice(0, 5)).toEqual([
		'Outcome',
		'Failed',
		'Failed',
		'Blocked',
		'Blocked',
	]);
	expect(lines).toHaveLength(Number(grid.getAttribute('aria-rowcount')));
	await user.click(screen.getByRole('button', { name: 'Export report' }));
	await user.click(await screen.findByRole('menuitem', { name: 'CSV' }));
	expect(await screen.findByText(/^Written to .*\.csv$/)).toBeInTheDocument();
	expect((await backend.jobs()).jobs[0]).toMatchObject({ kind: 'restore', state: 'partial' });
	await user.click(screen.getByRole('button', { name: 'Plan again' }));
	expect(await screen.findByRole('grid', { name: 'Planned objects' })).toBeInTheDocument();
}, 60_000);
