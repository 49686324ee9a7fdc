import { screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';
import type { RestoreRequest } from '@/backend/bindings';
import { renderApp } from '@/test/render-app';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

async function planned() {
	const app = renderApp(START);
	const asked: RestoreRequest[] = [];
	const plan = app.backend.planRestore;
	app.backend.planRestore = (request, id) => {
		asked.push(request);
		return plan(request, id);
	};
	await app.user.click(await screen.findByRole('button', { name: 'Plan the restore' }));
	const grid = await screen.findByRole('grid', { name: 'Planned objects' });
	await waitFor(() => expect(within(grid).getAllByRole('checkbox').length).toBeGreaterThan(3));
	return { ...app, asked, grid };
}

const bar = () => screen.findByRole('toolbar', { name: 'Marked objects' });

async function only(user: UserEvent, action: string) {
	await user.click(screen.getByRole('button', { name: new RegExp(`^${action} \\d`) }));
	const count = Number(/\d+$/.exec(screen.getByRole('button', { pressed: true }).textContent ?? '')?.[0]);
	const grid = screen.getByRole('grid', { name: 'Planned objects' });
	await waitFor(() => expect(grid).toHaveAttribute('aria-rowcount', String(count + 1)));
	return count;
}

it('leaves marked objects out, tells how many, and takes them in again', async () => {
	const { user, asked } = await planned();
	const count = await only(user, 'Create');
	await user.click(screen.getByRole('checkbox', { name: 'Select all rows' }));
	await waitFor(async () => expect(await bar()).toHaveTextContent(`${count} objects marked`));
	await user.click(within(await bar()).getByRole('button', { name: 'Leave out' }));
	expect(await screen.findByText(`${count} objects left out`)).toBeInTheDocument();
	expect(asked.at(-1)?.exclusions).toHaveLength(count);
	expect(asked.at(-1)?.exclusions).toContainEqual(
		expect.stringMatching(/^(configmaps\.|[a-z]+\.[a-z.0-9]+|[a-z]+\.)\/shop\//),
	);
	// What was filtered stays filtered, and nothing is marked any more.
	await waitFor(() => expect(screen.getByRole('button', { name: 'Create 0', pressed: true })).toBeInTheDocument());
	expect(screen.queryByRole('toolbar', { name: 'Marked objects' })).toBeNull();
	expect(screen.queryByText(/The inputs have changed/)).toBeNull();

	await user.click(screen.getByRole('button', { name: 'Create 0' }));
	await user.type(screen.getByRole('searchbox', { name: 'Filter planned objects' }), 'left');
	const [first] = await screen.findAllByText('left out of this restore by name');
	await user.click(first as HTMLElement);
	await user.click(await screen.findByRole('button', { name: 'Take in again' }));
	expect(await screen.findByText(`${count - 1} objects left out`)).toBeInTheDocument();
	await user.click(screen.getByRole('button', { name: 'Reset' }));
	await waitFor(() => expect(asked.at(-1)?.exclusions).toEqual([]));
	await waitFor(() => expect(screen.queryByText(/left out$/)).toBeNull());
}, 60_000);

it('marks by Space and ranges by Shift', async () => {
	const { user, grid } = await planned();
	const [, first] = within(grid).getAllByRole('row');
	first?.focus();
	await user.keyboard(' ');
	expect(await bar()).toHaveTextContent('1 object marked');
	await user.keyboard('{ArrowDown}{ArrowDown}');
	await waitFor(() => expect(document.activeElement).toHaveAttribute('data-index', '2'));
	await user.keyboard('{Shift>} {/Shift}');
	await waitFor(async () => expect(await bar()).toHaveTextContent('3 objects marked'));
	await user.click(within(await bar()).getByRole('button', { name: 'Take the marks away' }));
	expect(screen.queryByRole('toolbar', { name: 'Marked objects' })).toBeNull();
});

it('asks before objects are recreated, and never offers it for what holds data', async () => {
	const { user, asked } = await planned();
	await user.click(screen.getByRole('button', { name: /^Skip \d/ }));
	const [first] = await screen.findAllByRole('row', { name: /Skip ConfigMap/ });
	await user.click(first as HTMLElement);
	await user.click(await screen.findByRole('button', { name: /^Conflict policy/ }));
	await user.click(await screen.findByRole('menuitemradio', { name: 'Recreate…' }));
	const dialog = await screen.findByRole('alertdialog', { name: /^Recreate / });
	expect(dialog).toHaveTextContent(/deleted in the cluster and created again/);
	const before = asked.length;
	await user.click(await within(dialog).findByRole('button', { name: /^Recreate / }));
	await waitFor(() => expect(asked.length).toBe(before + 1));
	expect(asked.at(-1)?.policies).toEqual([expect.stringMatching(/^[a-z.0-9]+\/shop\/.+=recreate$/)]);
	expect(await screen.findByText('1 object with a policy of its own')).toBeInTheDocument();
	expect(await screen.findByText(/1 to delete and create again/)).toBeInTheDocument();

	await user.keyboard('{Escape}');
	await user.click(screen.getByRole('button', { name: /^Skip \d/, pressed: true }));
	await user.click(await screen.findByRole('row', { name: /Blocked PersistentVolumeClaim data-redis-0/ }));
	const pane = await screen.findByRole('region', { name: 'PersistentVolumeClaim data-redis-0' });
	await user.click(within(pane).getByRole('button', { name: /^Conflict policy/ }));
	expect(await screen.findByRole('menuitemradio', { name: 'Patch' })).toBeInTheDocument();
	expect(screen.queryByRole('menuitemradio', { name: 'Recreate…' })).toBeNull();
}, 60_000);
