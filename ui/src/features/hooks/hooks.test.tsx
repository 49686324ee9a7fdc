import { EditorView } from '@codemirror/view';
import { act, screen, waitFor, within } from '@testing-library/react';
import type { UserEvent } from '@testing-library/user-event';
import { beforeEach, expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';
import { seriousProblems } from '@/test/serious-problems';
import { useHooksDraft } from './use-hooks';

beforeEach(() => useHooksDraft.setState({ text: '' }));

async function template(user: UserEvent, name: RegExp) {
	await user.click(await screen.findByRole('button', { name: 'Begin with a template' }));
	await user.click(await screen.findByRole('menuitem', { name }));
}

async function editor() {
	const content = await screen.findByRole('textbox', { name: 'Text of the hooks' });
	const view = EditorView.findFromDOM(content) as EditorView;
	const write = (text: string) =>
		act(() => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } }));
	return { content, view, write };
}

it('begins with a template, and says what it is and when it is enough', async () => {
	const { user } = renderApp('/hooks');
	await template(user, /^PostgreSQL: a checkpoint/);
	expect(await screen.findByText('1 hook in BackupHook default/postgresql')).toBeInTheDocument();
	expect(screen.getByText(/it is not enough\.$/)).toBeInTheDocument();
	expect(screen.getByText('holdfast extension crds | kubectl apply -f -')).toBeInTheDocument();
	expect(await seriousProblems()).toEqual([]);
});

it('marks every line that is wrong, and those that are hardly meant', async () => {
	const { user } = renderApp('/hooks');
	await template(user, /^Redis/);
	await screen.findByText(/in BackupHook/);
	const { content, view, write } = await editor();
	const good = view.state.doc.toString();
	write(good.replace('timeout: 5m', 'timeout: soon').replace('onError: Continue', 'onError: Maybe'));
	expect(await screen.findByText('2 problems')).toBeInTheDocument();
	await waitFor(() => expect(content.querySelectorAll('.cm-problem')).toHaveLength(2));
	const problems = screen.getByRole('list', { name: 'Problems' });
	expect(within(problems).getByText(/is no duration/)).toBeInTheDocument();
	expect(within(problems).getByRole('button', { name: /^line 22, column/ })).toBeInTheDocument();
	expect(screen.getByText('It is not valid yet.')).toBeInTheDocument();

	write(good.replace('exec redis-cli SAVE', '--password=secret'));
	expect(await screen.findByRole('list', { name: 'Advice' })).toHaveTextContent('has a password');
	await waitFor(() => expect(content.querySelector('.cm-advice')).toHaveTextContent('--password=secret'));
	expect(content.querySelector('.cm-problem')).toBeNull();
});

it('saves the hooks as a file, which kubectl is then given', async () => {
	const { backend, user } = renderApp('/hooks');
	await template(user, /^MongoDB/);
	await screen.findByText(/in BackupHook/);
	await user.click(screen.getByRole('button', { name: 'Save as a file…' }));
	await waitFor(() => expect(backend.saved).toHaveLength(1));
	expect(backend.saved[0]?.name).toBe('mongodb-hook.yaml');
	expect(backend.saved[0]?.text).toContain('kind: BackupHook');
	expect(await screen.findByText(/^kubectl apply -f .+mongodb-hook\.yaml$/)).toBeInTheDocument();
});
