import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { renderApp } from '@/test/render-app';

afterEach(() => void vi.useRealTimers());

/** Opens the one object that a filter leaves. */
async function openObject(filter: string, name: string) {
	const { backend, user } = renderApp('/points/local/shop-before-upgrade');
	const box = await screen.findByRole('searchbox', { name: 'Filter objects' });
	await screen.findByText('401 objects', { selector: '[role=status]' });
	fireEvent.change(box, { target: { value: filter } });
	await screen.findByText(/^\d+ of 401 objects$/);
	const objects = screen.getByRole('grid', { name: 'Objects' });
	await user.click(await within(objects).findByText(name));
	return { backend, user, pane: await screen.findByRole('region', { name: new RegExp(name) }) };
}

it('filters objects by words and shows the chosen one as YAML, without and with what the server sets', async () => {
	const { user, pane } = await openObject('kind:Deployment ns:shop', 'checkout');
	expect(screen.getByText('6 of 401 objects')).toBeInTheDocument();
	const yaml = () => within(pane).getByRole('textbox', { name: 'Deployment checkout as YAML' });
	await waitFor(() => expect(yaml()).toHaveTextContent('namespace: shop'));
	expect(yaml()).not.toHaveTextContent('resourceVersion');
	await user.click(within(pane).getByRole('button', { name: 'Hide server fields' }));
	await waitFor(() => expect(yaml()).toHaveTextContent('resourceVersion'));
});

it('reveals one value of a Secret and hides it again after 30 seconds', async () => {
	const { pane } = await openObject('kind:Secret ns:shop name:cart', 'cart-credentials');
	const reveal = await within(pane).findByRole('button', { name: 'Reveal username' });
	const values = within(pane).getByRole('region', { name: 'Values' });
	expect(values).not.toHaveTextContent('cart');
	vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
	fireEvent.click(reveal);
	await vi.waitFor(() => expect(values).toHaveTextContent('cart'));
	act(() => void vi.advanceTimersByTime(29_000));
	expect(values).toHaveTextContent('cart');
	act(() => void vi.advanceTimersByTime(1_500));
	expect(values).not.toHaveTextContent('cart');
	expect(within(values).getAllByText('••••')).toHaveLength(3);
});

it('narrows the table by the tree, by keyboard, and hands the branch over to a restore', async () => {
	const { user } = renderApp('/points/local/shop-before-upgrade');
	const tree = await screen.findByRole('tree');
	await within(tree).findByRole('treeitem', { name: /shop/ });
	act(() =>
		within(tree)
			.getByRole('treeitem', { name: /All objects/ })
			.focus(),
	);
	await user.keyboard('{End}');
	await waitFor(() => expect(within(tree).getByRole('treeitem', { name: /shop/ })).toHaveFocus());
	await user.keyboard('{ArrowRight}{Enter}');
	expect(within(tree).getByRole('treeitem', { name: /StatefulSet/ })).toHaveAttribute('aria-level', '3');
	await screen.findByText('128 of 401 objects');
	await user.click(screen.getByRole('button', { name: 'Restore shop…' }));
	expect(await screen.findByText('Takes 128 namespaced objects.')).toBeInTheDocument();
});

it('hands over the picked objects and nothing else to a restore', async () => {
	const { user } = renderApp('/points/local/shop-before-upgrade');
	const box = await screen.findByRole('searchbox', { name: 'Filter objects' });
	fireEvent.change(box, { target: { value: 'kind:Deployment ns:shop' } });
	await screen.findByText(/^\d+ of 401 objects$/);
	const rows = await screen.findAllByRole('checkbox', { name: 'Select row' });
	await user.click(rows[0] as HTMLElement);
	await user.click(rows[1] as HTMLElement);
	await user.click(await screen.findByRole('button', { name: 'Restore 2 objects…' }));
	expect(await screen.findByText('Takes 2 chosen objects.')).toBeInTheDocument();
	await user.click(screen.getAllByRole('button', { name: /Leave out / })[0] as HTMLElement);
	expect(screen.getByText('Takes 1 chosen object.')).toBeInTheDocument();
	await user.click(screen.getByRole('button', { name: 'Choose by namespace and kind instead' }));
	expect(await screen.findByText(/^Takes \d+ namespaced objects\.$/)).toBeInTheDocument();
});

it('says what is missing from a Partial point, in the words of the server', async () => {
	const { user } = renderApp('/points');
	await user.click(await screen.findByText('Partial', { selector: '[role=row] *' }));
	await user.click(await screen.findByRole('button', { name: 'Open' }));
	await user.click(await screen.findByRole('tab', { name: 'Warnings 13' }));
	expect(screen.getByText(/cannot list resource "secrets".*\(403 Forbidden\)/)).toBeInTheDocument();
});

it('exports all objects of a large point, not only those in sight', async () => {
	const { backend, user } = renderApp('/points');
	await user.dblClick(await screen.findByText(/^fleet-2/, { selector: '[role=row] *' }));
	await screen.findByText(/^100.000 objects$/, { selector: '[role=status]' });
	const box = screen.getByRole('searchbox', { name: 'Filter objects' });
	fireEvent.change(box, { target: { value: 'kind:ConfigMap' } });
	const found = await screen.findByText(/ of 100.000 objects$/);
	const total = Number(found.textContent?.split(' of ')[0]?.replace(/\D/g, ''));
	await user.click(screen.getByRole('button', { name: 'Columns and export' }));
	await user.click(await screen.findByRole('menuitem', { name: /JSON/ }));
	await waitFor(() => expect(backend.saved).toHaveLength(1));
	const rows: { kind: string; name: string; namespace: string; bytes: number }[] = JSON.parse(
		backend.saved[0]?.text ?? '',
	);
	expect(total).toBeGreaterThan(50_000);
	expect(rows).toHaveLength(total);
	expect(new Set(rows.map(({ kind }) => kind))).toEqual(new Set(['ConfigMap']));
	expect(new Set(rows.map(({ name, namespace }) => `${namespace}/${name}`)).size).toBe(total);
	expect(rows.every(({ bytes }) => Number.isInteger(bytes))).toBe(true);
});

it('has its tab in its address', async () => {
	const { user } = renderApp('/points/local/shop-before-upgrade?tab=about');
	expect(await screen.findByText('What the backup was asked to take')).toBeInTheDocument();
	await user.click(screen.getByRole('tab', { name: 'Log' }));
	expect(await screen.findByRole('textbox', { name: 'Log' })).toBeInTheDocument();
	await user.click(screen.getByRole('tab', { name: 'Objects' }));
	expect(await screen.findByRole('grid', { name: 'Objects' })).toBeInTheDocument();
});
