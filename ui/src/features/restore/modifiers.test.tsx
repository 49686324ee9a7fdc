import { EditorView } from '@codemirror/view';
import { act, screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import { renderApp } from '@/test/render-app';

const START = '/restore?vault=local&point=shop-before-upgrade&cluster=sandbox&namespaces=shop';

async function template(user: UserEvent, name: string) {
	await user.click(await screen.findByRole('button', { name: 'Begin with a template' }));
	await user.click(await screen.findByRole('menuitem', { name }));
}

async function opened() {
	const app = renderApp(START);
	await app.user.click(await screen.findByRole('button', { name: 'Resource modifiers' }));
	const editor = await screen.findByRole('textbox', { name: 'Text of the resource modifiers' });
	const view = EditorView.findFromDOM(editor) as EditorView;
	const write = (text: string) =>
		act(() => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }));
	return { ...app, editor, view, write };
}

it('begins with a template, says how many rules there are, and asks before it replaces a text', async () => {
	const { user, view, write } = await opened();
	await template(user, 'Restore workloads without starting them');
	expect(await screen.findByText('1 rule')).toBeInTheDocument();
	expect(view.state.doc.toString()).toContain('replicas: 0');
	await template(user, 'Use another host name');
	expect(screen.queryByRole('alertdialog')).toBeNull();
	expect(view.state.doc.toString()).toContain('staging.example.com');

	write('version: v1\nresourceModifierRules: []\n# mine\n');
	await template(user, 'Use another host name');
	const dialog = await screen.findByRole('alertdialog', { name: 'Replace what is written?' });
	await user.click(await within(dialog).findByRole('button', { name: 'Keep the text' }));
	expect(view.state.doc.toString()).toContain('# mine');
}, 60_000);

it('marks the line that is wrong, and leads to its place', async () => {
	const { user, editor, view, write } = await opened();
	write('version: v1\nresourceModifierRules:\n- patches:\n  - operation: swap\n');
	expect(await screen.findByText(/there is no such operation/i)).toBeInTheDocument();
	await waitFor(() => expect(editor.querySelector('.cm-problem')).toHaveTextContent('operation: swap'));
	expect(screen.getByRole('button', { name: 'See the effect' })).toBeDisabled();
	// happy-dom tells of a selection while it is being made; browsers do so afterwards.
	const dispatch = document.dispatchEvent.bind(document);
	const told = vi
		.spyOn(document, 'dispatchEvent')
		.mockImplementation((event) => event.type === 'selectionchange' || dispatch(event));
	await user.click(screen.getByRole('button', { name: 'line 4, column 16' }));
	expect(view.state.doc.lineAt(view.state.selection.main.head).number).toBe(4);
	write('');
	await waitFor(() => expect(screen.queryByText(/there is no such operation/i)).toBeNull());
	told.mockRestore();
});

it('shows the effect on the selection, failures first, and in the plan', async () => {
	const { user, write } = await opened();
	await template(user, 'Use another host name');
	await screen.findByText('1 rule');
	await user.click(screen.getByRole('button', { name: 'See the effect' }));
	expect(await screen.findByText(/^Changes \d+ of \d+ objects that a rule fits, \d failed\.$/)).toBeInTheDocument();
	const effects = screen.getByRole('list', { name: 'Effects' });
	const [first, ...rest] = within(effects).getAllByText(/^(Failed|Changed)$/);
	expect(first).toHaveTextContent('Failed');
	expect(rest.at(-1)).toHaveTextContent('Changed');
	expect(within(effects).getAllByText(/\/spec\/rules\/0\/host/).length).toBeGreaterThan(0);

	await template(user, 'Restore workloads without starting them');
	expect(await within(effects).findAllByText('Deployment')).not.toHaveLength(0);
	write('');
	await template(user, 'Restore workloads without starting them');
	await screen.findByText('1 rule');
	await user.click(screen.getByRole('button', { name: 'Plan the restore' }));
	const grid = await screen.findByRole('grid', { name: 'Planned objects' });
	const [mark] = await within(grid).findAllByRole('img', { name: /^Resource modifiers: rule 1 applied/ });
	await user.click(mark as HTMLElement);
	expect(await screen.findByText('rule 1 applied')).toBeInTheDocument();
	expect(screen.getByText(/· resource modifiers$/)).toBeInTheDocument();
}, 60_000);
