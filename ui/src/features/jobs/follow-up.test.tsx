import { screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';

it('retries what failed of a restore: the plan first, without what was done before', async () => {
	const { backend, user } = renderApp('/jobs/local/job-restore-1');
	await user.click(await screen.findByRole('button', { name: 'Retry what failed' }));
	expect(await screen.findByRole('heading', { name: 'Restore shop-before-upgrade' })).toBeInTheDocument();
	expect(await screen.findByText(/^122 objects were done before and are not written again/)).toBeInTheDocument();
	const grid = await screen.findByRole('grid', { name: 'Planned objects' });
	await waitFor(() => expect(grid).toHaveAttribute('aria-rowcount', '7'));
	expect(within(grid).queryByRole('checkbox')).toBeNull();
	expect(screen.getByRole('button', { name: /1 What/ })).toBeDisabled();
	await user.click(screen.getByRole('button', { name: /^Blocked 4/, pressed: true }));
	await user.click(screen.getByRole('button', { name: /^Create 2/, pressed: true }));
	await user.click(screen.getByRole('button', { name: /^Identical/ }));
	expect((await within(grid).findAllByText('Done before')).length).toBeGreaterThan(0);

	await user.click(screen.getByRole('button', { name: /^Restore 2 objects into staging/ }));
	await screen.findByText(/2 failed, 4 blocked/, {}, { timeout: 30_000 });
	expect((await backend.jobs()).jobs[0]).toMatchObject({ kind: 'restore', state: 'partial' });
}, 60_000);

it('undoes a restore: what it deletes first, then a question, then the job', async () => {
	const { backend, user } = renderApp('/jobs/local/job-restore-1');
	await user.click(await screen.findByRole('button', { name: 'Undo…' }));
	expect(await screen.findByText(/Delete 84 objects\. Nothing is written yet/)).toBeInTheDocument();
	const grid = await screen.findByRole('grid', { name: 'Objects to undo' });
	expect((await within(grid).findAllByText('the restore created it')).length).toBeGreaterThan(0);
	await user.click(screen.getByRole('button', { name: 'Delete 84 objects…' }));
	const dialog = await screen.findByRole('dialog', { name: 'Undo this restore?' });
	expect(dialog).toHaveTextContent(/84 objects that the restore created are deleted in Sandbox/);
	expect(await within(dialog).findByRole('button', { name: 'Delete 84 objects' })).toBeDisabled();
	await user.type(await within(dialog).findByRole('textbox'), 'Sandbox (built in)');
	await user.click(await within(dialog).findByRole('button', { name: 'Delete 84 objects' }));
	expect(await screen.findByRole('heading', { name: /^Undo restore of shop-before-upgrade in/ })).toBeInTheDocument();
	expect(await screen.findByRole('button', { name: /^Deleted 84/ }, { timeout: 30_000 })).toBeInTheDocument();
	expect(screen.queryByRole('button', { name: 'Undo…' })).toBeNull();
	expect((await backend.jobs()).jobs[0]).toMatchObject({ kind: 'undo', state: 'completed' });
}, 60_000);

it('says in words why a restore can be neither gone on with nor undone', async () => {
	const { user } = renderApp('/jobs/aksbackups/job-restore-2');
	await user.click(await screen.findByRole('button', { name: 'Go on' }));
	expect(await screen.findByRole('alert')).toHaveTextContent(/has no journal/);
	await user.click(screen.getByRole('button', { name: 'Undo…' }));
	await waitFor(() => expect(screen.getByRole('button', { name: 'Back to the job' })).toBeInTheDocument());
	await user.click(screen.getByRole('button', { name: 'Back to the job' }));
	expect(await screen.findByRole('tab', { name: 'Log' })).toBeInTheDocument();
});
