import { FluentProvider, webLightTheme } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, it } from 'vitest';
import { createFakeBackend } from '@/backend/fake';
import { BackendProvider } from '../backend-context';
import { type Column, DataTable, usePagedRows } from '.';

const COLUMNS: Column<string>[] = [{ id: 'name', header: 'Name', grow: 1, sortable: true, text: (row) => row }];
const key = (row: string) => row;

function show(table: React.ReactNode) {
	render(
		<FluentProvider theme={webLightTheme}>
			<QueryClientProvider client={new QueryClient()}>
				<BackendProvider value={createFakeBackend()}>{table}</BackendProvider>
			</QueryClientProvider>
		</FluentProvider>,
	);
	return userEvent.setup();
}

function Selecting({ onOpen }: { onOpen: (row: string) => void }) {
	const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
	return (
		<>
			<DataTable
				label="Nodes"
				columns={COLUMNS}
				rowKey={key}
				source={{ kind: 'all', rows: ['alpha', 'bravo', 'charlie', 'delta'] }}
				onOpen={onOpen}
				selection={{ keys, onChange: setKeys }}
				empty={null}
			/>
			<output>{[...keys].join()}</output>
		</>
	);
}

function Paged({ asked }: { asked: number[] }) {
	const { source, loading } = usePagedRows<string, { total: number; rows: string[] }>(
		['rows'],
		async (offset, limit) => {
			asked.push(offset);
			return { total: 100_000, rows: Array.from({ length: limit }, (_, at) => `row ${offset + at}`) };
		},
	);
	return <DataTable label="Rows" columns={COLUMNS} rowKey={key} source={source} loading={loading} empty={null} />;
}

const shown = () => screen.getAllByRole('gridcell').map((cell) => cell.textContent);

it('sorts numbers in names as people do, both ways', async () => {
	const user = show(
		<DataTable
			label="Nodes"
			columns={COLUMNS}
			rowKey={key}
			source={{ kind: 'all', rows: ['n10', 'n9', 'n1'] }}
			empty={null}
		/>,
	);
	await user.click(screen.getByRole('button', { name: 'Name' }));
	expect(shown()).toEqual(['n1', 'n9', 'n10']);
	await user.click(screen.getByRole('button', { name: 'Name' }));
	expect(shown()).toEqual(['n10', 'n9', 'n1']);
	expect(screen.getByRole('columnheader')).toHaveAttribute('aria-sort', 'descending');
});

it('is walked, opened and selected by keyboard', async () => {
	const opened: string[] = [];
	const user = show(<Selecting onOpen={(row) => opened.push(row)} />);
	const focusIsOn = (name: string) => waitFor(() => expect(document.activeElement).toHaveTextContent(name));
	screen.getByRole('row', { name: /alpha/ }).focus();
	await user.keyboard('{ArrowDown}');
	await focusIsOn('bravo');
	await user.keyboard('{Enter} ');
	await user.keyboard('{End}');
	await focusIsOn('delta');
	await user.keyboard('{Shift>} {/Shift}');
	expect(opened).toEqual(['bravo']);
	expect(screen.getByRole('status')).toHaveTextContent('bravo,charlie,delta');
});

it('fetches only the pages in sight of a hundred thousand rows', async () => {
	const asked: number[] = [];
	show(<Paged asked={asked} />);
	expect(await screen.findByText('row 0')).toBeVisible();
	expect(screen.getByRole('grid')).toHaveAttribute('aria-rowcount', '100001');
	expect(screen.getAllByRole('row').length).toBeLessThan(100);
	expect(asked).toEqual([0]);
});
