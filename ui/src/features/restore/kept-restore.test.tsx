import { screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

async function leave(user: UserEvent, to = 'Settings') {
	const places = screen.getByRole('navigation', { name: 'Screens' });
	await user.click(within(places).getByRole('link', { name: to }));
	await screen.findByRole('heading', { name: to });
}

/** Opens the restore of a recovery point from the list of them. */
async function restoreOf(user: UserEvent, point: string | RegExp) {
	await leave(user, 'Recovery points');
	const [cell] = await screen.findAllByText(point, { selector: '[role=row] *' });
	await user.click(cell as HTMLElement);
	await user.click(await screen.findByRole('button', { name: 'Restore…' }));
}

/** Opens the palette. A press while the last dialog is still closing belongs to that dialog. */
async function palette(user: UserEvent, presses = 5): Promise<HTMLElement> {
	await user.keyboard('{Control>}k{/Control}');
	const field = screen.findByRole('combobox', { name: 'Search or run a command' }, { timeout: 3_000 });
	return presses > 1 ? field.catch(() => palette(user, presses - 1)) : field;
}

/** Goes back by the palette. */
async function comeBack(user: UserEvent, point: string) {
	await user.type(await palette(user), 'back to the restore');
	await user.click(await screen.findByRole('option', { name: new RegExp(`^Back to the restore of ${point}`) }));
	await screen.findByRole('heading', { name: `Restore ${point}` });
}

async function plan(user: UserEvent) {
	const button = await screen.findByRole('button', { name: 'Plan the restore' });
	await waitFor(() => expect(button).toBeEnabled());
	await user.click(button);
}

it('keeps inputs and plan while other screens are shown, until one starts over', async () => {
	const { user } = renderApp(START);
	await user.click(await screen.findByRole('radio', { name: /^Patch/ }));
	await plan(user);
	await screen.findByRole('grid', { name: 'Planned objects' });
	const button = await screen.findByRole('button', { name: /^Restore \d+ objects/ });
	const promised = button.textContent;
	await leave(user);
	await comeBack(user, 'shop-before-upgrade');
	expect(screen.getByRole('button', { name: promised ?? '' })).toBeEnabled();
	expect(screen.getByText(/^Patch what exists/)).toBeInTheDocument();

	await user.click(screen.getByRole('button', { name: 'Start over' }));
	expect(screen.queryByRole('grid', { name: 'Planned objects' })).toBeNull();
	expect(screen.getByRole('radio', { name: /^Skip/ })).toBeChecked();
	expect(screen.queryByRole('button', { name: /^Restore/ })).toBeNull();
	expect(screen.queryByRole('button', { name: 'Start over' })).toBeNull();
});

it('goes on planning while another screen is shown', async () => {
	const { user } = renderApp(START, { step: 40 });
	await plan(user);
	await screen.findByRole('progressbar', { name: 'Planning' });
	await leave(user);
	await comeBack(user, 'shop-before-upgrade');
	expect(await screen.findByRole('grid', { name: 'Planned objects' })).toBeInTheDocument();
	expect(await screen.findByRole('button', { name: /^Restore \d+ objects/ })).toBeEnabled();
});

it('shows the restore that was started when one comes back, running or ended', async () => {
	const { user } = renderApp(START, { step: 30 });
	await plan(user);
	await user.click(await screen.findByRole('button', { name: /^Restore \d+ objects/ }));
	await screen.findByText(/You can leave this screen/);
	await leave(user);
	await comeBack(user, 'shop-before-upgrade');
	expect(screen.getByRole('region', { name: 'Report' })).toBeInTheDocument();
	expect(await screen.findByText(/^4 blocked, \d+ created/, {}, { timeout: 30_000 })).toBeInTheDocument();
	await leave(user);
	await comeBack(user, 'shop-before-upgrade');
	expect(await screen.findByText(/^4 blocked, \d+ created/)).toBeInTheDocument();
}, 60_000);

it('begins anew where another recovery point or selection is asked for', async () => {
	const { user } = renderApp('/restore?vault=local&point=shop-before-upgrade');
	await user.click(await screen.findByRole('radio', { name: /^Patch/ }));
	await restoreOf(user, 'shop-before-upgrade');
	expect(await screen.findByRole('radio', { name: /^Patch/ })).toBeChecked();

	await restoreOf(user, /^prod-weu-.*-0400$/);
	expect(await screen.findByRole('heading', { name: /^Restore prod-weu-/ })).toBeInTheDocument();
	expect(screen.getByRole('radio', { name: /^Skip/ })).toBeChecked();
});

it('never shows another recovery point under the address of one', async () => {
	const { user } = renderApp('/restore?vault=local&point=shop-before-upgrade');
	const pick = await screen.findByRole('combobox', { name: 'Recovery point' });
	await user.clear(pick);
	await user.type(pick, 'fleet');
	await user.click(await screen.findByRole('option', { name: /fleet-neu/ }));
	const title = await screen.findByRole('heading', { name: /^Restore fleet-/ });
	const fleet = title.textContent?.replace('Restore ', '') ?? '';
	await leave(user);
	await comeBack(user, fleet);

	await restoreOf(user, 'shop-before-upgrade');
	expect(await screen.findByRole('heading', { name: 'Restore shop-before-upgrade' })).toBeInTheDocument();
});
