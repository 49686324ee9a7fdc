import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { renderApp } from '@/test/render-app';
import { seriousProblems } from '@/test/serious-problems';

const DAY = (hoursAgo: number) =>
	new Date(Date.now() - hoursAgo * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
const PARTIAL = `/points/aksbackups/prod-weu-${DAY(2)}-1200`;

it('says how many claims are in the point, and shows those first that are not', async () => {
	const { user } = renderApp(`${PARTIAL}?tab=volumes`);
	expect(await screen.findByText('114 of 120 claims are in this recovery point.')).toBeInTheDocument();
	expect(screen.getByText(/^Held by hooks: team-03\/postgres-0 31 s, .*, 9 more\.$/)).toBeInTheDocument();
	const grid = screen.getByRole('grid', { name: 'Claims' });
	const [, first] = within(grid).getAllByRole('row');
	expect(first).toHaveTextContent(/^Failed.*QuotaExceeded/);
	await user.click(screen.getByRole('button', { name: /^Not ready 3/ }));
	expect(within(grid).getAllByRole('row')).toHaveLength(4);
	await user.type(screen.getByRole('searchbox', { name: 'Filter claims' }), 'premium');
	expect(within(grid).getAllByRole('row')).toHaveLength(2);
	await user.type(screen.getByRole('searchbox', { name: 'Filter claims' }), ' nothing');
	await user.click(await screen.findByRole('button', { name: 'Clear the filter' }));
	expect(within(screen.getByRole('grid', { name: 'Claims' })).getAllByRole('row').length).toBeGreaterThan(20);
});

it('shows all of a claim beside the table, with the whole handle to copy', async () => {
	const { user } = renderApp(`${PARTIAL}?tab=volumes`);
	const [row] = await screen.findAllByText('team-02/data-redis-0', { selector: '[role=row] *' });
	await user.click(row as HTMLElement);
	const pane = await screen.findByRole('complementary', { name: 'team-02/data-redis-0' });
	expect(within(pane).getByText(/^\/subscriptions\/.*\/snapshots\/snapshot-/)).toBeInTheDocument();
	expect(within(pane).getByRole('button', { name: 'Copy the snapshot handle' })).toBeInTheDocument();
	for (const fact of ['ReadWriteOnce', 'ext4', 'contoso-aks-snapshots', 'redis-0', 'csi-azuredisk-vsc']) {
		expect(within(pane).getByText(fact)).toBeInTheDocument();
	}
	expect(within(pane).getByText(/^Not when the recovery point was written/)).toBeInTheDocument();
	expect(await seriousProblems()).toEqual([]);
	await user.keyboard('{Escape}');
	expect(screen.queryByRole('complementary', { name: 'team-02/data-redis-0' })).toBeNull();
});

it('shows what hooks ran, and what one that failed had written', async () => {
	const { user } = renderApp(`${PARTIAL}?tab=volumes`);
	await user.click(await screen.findByRole('button', { name: '24 hook runs, 1 failed' }));
	const grid = await screen.findByRole('grid', { name: 'Hook runs' });
	await user.click(within(grid).getByText('Failed'));
	const pane = await screen.findByRole('complementary', { name: 'default/postgresql: checkpoint' });
	expect(within(pane).getByText('it did not end within 30s')).toBeInTheDocument();
	expect(within(pane).getByRole('group', { name: 'Text of the output' })).toHaveTextContent(
		/\[the rest was cut off\]$/,
	);
	expect(within(pane).getByRole('group', { name: 'Text of the command' })).toHaveTextContent('psql -X -q');
	expect(await seriousProblems()).toEqual([]);
});

it('leads from a warning to the claim that it is about', async () => {
	const { user } = renderApp(`${PARTIAL}?tab=warnings`);
	const [link] = await screen.findAllByRole('link', { name: 'Show claim data-redis-0' });
	await user.click(link as HTMLElement);
	const pane = await screen.findByRole('complementary', { name: 'team-01/data-redis-0' });
	expect(within(pane).getByText(/QuotaExceeded/)).toBeInTheDocument();
});

it('says that a point was taken without volumes', async () => {
	renderApp(`/points/local/sandbox-${DAY(9)}-0400?tab=volumes`);
	expect(await screen.findByText('Taken without volumes')).toBeInTheDocument();
	expect(screen.getByText(/^6 claims of this recovery point can be made again/)).toBeInTheDocument();
});

it('shows the number of volumes in the list, and a dash where it is unknown', async () => {
	const { user } = renderApp('/points');
	const cells = async (name: RegExp) => {
		const text = await screen.findByText(name, { selector: '[role=row] *' });
		return within(text.closest('[role=row]') as HTMLElement).getAllByRole('gridcell');
	};
	expect((await cells(/^velero-nightly/))[6]).toHaveTextContent('–');
	expect((await cells(/^prod-weu-\d+-1200/))[6]).toHaveTextContent('114');
	await user.click(screen.getByRole('button', { name: 'Volumes' }));
	await user.click(screen.getByRole('button', { name: 'Volumes' }));
	const rows = within(screen.getByRole('grid', { name: 'Recovery points' })).getAllByRole('row');
	expect(rows[1]).toHaveTextContent(/fleet-.*582/);
});

it('shows the same with the job that made the point, and points to the log where there is none', async () => {
	const { user } = renderApp('/jobs/aksbackups/job-backup-2');
	await user.click(await screen.findByRole('tab', { name: 'Volumes' }));
	expect(await screen.findByText('114 of 120 claims are in this recovery point.')).toBeInTheDocument();
});

it('points to the log of a backup that made no point', async () => {
	const { user } = renderApp('/jobs/aksbackups/job-backup-3?tab=volumes');
	expect(await screen.findByText('Its recovery point is not there')).toBeInTheDocument();
	await user.click(screen.getByRole('button', { name: 'Show the log' }));
	expect(screen.getByRole('tab', { name: 'Log' })).toHaveAttribute('aria-selected', 'true');
});
