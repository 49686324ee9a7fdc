import { FluentProvider, webLightTheme } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it } from 'vitest';
import { createFakeBackend } from '@/backend/fake';
import { BackendProvider } from '../backend-context';
import { type Column, DataTable, type RowPage, usePagedRows } from '.';

interface Node {
	name: string;
	bytes: number;
}

const COLUMNS: Column<Node>[] = [
	{ id: 'name', header: 'Name', grow: 1, sortable: true, fixed: true, text: (row) => row.name },
	{
		id: 'bytes',
		header: 'Size',
		sortable: true,
		text: (row) => `${row.bytes / 1024} KiB`,
		sortKey: (row) => row.bytes,
		export: (row) => row.bytes,
		exportHeader: 'Size (bytes)',
	},
	{ id: 'note', header: 'Note', text: (row) => `of ${row.name}` },
];
const key = (row: Node) => row.name;
const nodes = (...names: string[]): Node[] => names.map((name, at) => ({ name, bytes: (at + 1) * 1024 }));

function show(table: React.ReactNode) {
	const backend = createFakeBackend();
	const shown = render(
		<FluentProvider theme={webLightTheme}>
			<QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
				<BackendProvider value={backend}>{table}</BackendProvider>
			</QueryClientProvider>
		</FluentProvider>,
	);
	return { ...shown, backend, user: userEvent.setup() };
}

const all = (rows: Node[], menu = 'nodes') => (
	<DataTable label="Nodes" menu={menu} columns={COLUMNS} rowKey={key} source={{ kind: 'all', rows }} empty="None" />
);

function Paged({ fetch }: { fetch: (offset: number, limit: number) => Promise<RowPage<Node>> }) {
	const { source, loading } = usePagedRows<Node, RowPage<Node>>(['rows'], fetch);
	return (
		<DataTable
			label="Nodes"
			menu="nodes"
			columns={COLUMNS}
			rowKey={key}
			source={source}
			loading={loading}
			empty="None"
		/>
	);
}

const headers = () => screen.getAllByRole('columnheader').map((header) => header.textContent);

/** Opens the menu and picks an item of it: a column, or what is done with all rows. */
async function choose(user: ReturnType<typeof userEvent.setup>, item: string | RegExp) {
	await user.click(await screen.findByRole('button', { name: 'Columns and export' }));
	await user.click(await screen.findByText(item, { selector: '[role^=menuitem] *' }));
}

it('remembers per table which columns are put away, never those that tell rows apart', async () => {
	const { user, unmount } = show(all(nodes('alpha')));
	await choose(user, 'Size');
	expect(headers()).toEqual(['Name', 'Note']);
	expect(screen.getByRole('menuitemcheckbox', { name: 'Name' })).toHaveAttribute('aria-disabled', 'true');
	await user.click(screen.getByRole('menuitemcheckbox', { name: 'Name' }));
	expect(headers()).toEqual(['Name', 'Note']);
	unmount();

	const other = show(all(nodes('alpha'), 'pods'));
	expect(headers()).toEqual(['Name', 'Size', 'Note']);
	other.unmount();

	const again = show(all(nodes('alpha')));
	expect(headers()).toEqual(['Name', 'Note']);
	await choose(again.user, 'Show all columns');
	expect(headers()).toEqual(['Name', 'Size', 'Note']);
});

it('exports the columns that are shown, sorted as shown, with machine values', async () => {
	const { backend, user } = show(all(nodes('n1', 'n2', 'n10')));
	await user.click(screen.getByRole('button', { name: 'Size' }));
	await user.click(screen.getByRole('button', { name: 'Size' }));
	await choose(user, 'Note');
	await user.click(screen.getByRole('menuitem', { name: 'Export 3 rows as CSV…' }));
	expect(await screen.findByRole('status')).toHaveTextContent(/^3 rows written to \/home\/ada\/holdfast-nodes-/);
	await choose(user, 'Export 3 rows as JSON…');
	await waitFor(() => expect(backend.saved).toHaveLength(2));
	const [csv, json] = backend.saved;
	expect(csv?.name).toMatch(/^holdfast-nodes-\d{4}-\d\d-\d\d\.csv$/);
	expect(csv?.text).toBe('Name,Size (bytes)\r\nn10,3072\r\nn2,2048\r\nn1,1024\r\n');
	expect(JSON.parse(json?.text ?? '')).toEqual([
		{ name: 'n10', bytes: 3072 },
		{ name: 'n2', bytes: 2048 },
		{ name: 'n1', bytes: 1024 },
	]);
});

it('quotes what RFC 4180 wants quoted, and lets no spreadsheet run a field', async () => {
	const names = ['=1+1', '+1', '-1', '@a', '\tx', '\rx', 'a,"b"', 'a\nb', 'a=1'];
	const { backend, user } = show(all(nodes(...names)));
	await choose(user, 'Note');
	await user.click(screen.getByRole('menuitemcheckbox', { name: 'Size' }));
	await user.click(screen.getByRole('menuitem', { name: /CSV/ }));
	await waitFor(() => expect(backend.saved).toHaveLength(1));
	expect(backend.saved[0]?.text).toBe(
		'Name\r\n\'=1+1\r\n\'+1\r\n\'-1\r\n\'@a\r\n\'\tx\r\n"\'\rx"\r\n"a,""b"""\r\n"a\nb"\r\na=1\r\n',
	);
});

it('says nothing where the person chose no file', async () => {
	const { backend, user } = show(all(nodes('alpha')));
	let asked = 0;
	backend.saveText = async () => {
		asked += 1;
		return null;
	};
	await choose(user, /CSV/);
	await waitFor(() => expect(asked).toBe(1));
	expect(screen.queryByRole('status')).toBeNull();
});

it('fetches all pages of what matches, but no more than it can hold, and says so', async () => {
	const asked: [number, number][] = [];
	const { backend, user } = show(
		<Paged
			fetch={async (offset, limit) => {
				asked.push([offset, limit]);
				const row = (at: number): Node => ({ name: `n${offset + at}`, bytes: 1 });
				return { total: 250_000, rows: Array.from({ length: limit }, (_, at) => row(at)) };
			}}
		/>,
	);
	await screen.findByText('n0');
	await choose(user, /^Export the first 200.000 rows as JSON…$/);
	expect(await screen.findByText(/^The first 200.000 of 250.000 rows written to/)).toBeInTheDocument();
	expect(Math.max(...asked.map(([, limit]) => limit))).toBe(1_000);
	const rows = JSON.parse(backend.saved[0]?.text ?? '') as Node[];
	expect([rows.length, rows[0]?.name, rows.at(-1)?.name]).toEqual([200_000, 'n0', 'n199999']);
});

it('shows how far it is, can be stopped, and shows what went wrong', async () => {
	const waiting: (() => void)[] = [];
	let broken = false;
	const page = { total: 3_000, rows: nodes(...Array.from({ length: 1_000 }, (_, at) => `n${at}`)) };
	const { backend, user } = show(
		<Paged
			fetch={async (_, limit) => {
				if (limit < 1_000) return { ...page, rows: page.rows.slice(0, limit) };
				if (broken) throw { code: 'busy', message: 'The vault is busy', guidance: '', retryable: true };
				await new Promise<void>((resolve) => waiting.push(resolve));
				return page;
			}}
		/>,
	);
	await screen.findByText('n0');
	await choose(user, /CSV/);
	expect(await screen.findByRole('progressbar', { name: 'Exporting' })).toBeInTheDocument();
	waiting[0]?.();
	expect(await screen.findByText(/1.000 of 3.000/)).toBeInTheDocument();
	await user.click(screen.getByRole('button', { name: 'Cancel' }));
	expect(screen.queryByRole('progressbar')).toBeNull();
	for (const go of waiting) go();

	broken = true;
	await choose(user, /CSV/);
	const alert = await screen.findByRole('alert');
	expect(alert).toHaveTextContent('The vault is busy');
	expect(backend.saved).toEqual([]);
	broken = false;
	await user.click(within(alert).getByRole('button', { name: 'Try again' }));
	await waitFor(() => expect(waiting).toHaveLength(3));
	expect(screen.queryByRole('alert')).toBeNull();
});
