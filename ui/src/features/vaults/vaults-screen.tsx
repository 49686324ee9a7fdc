import { Button } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { VaultRow } from '@/backend/bindings';
import {
	EmptyState,
	FailureView,
	FilterBox,
	formatBytes,
	formatCount,
	MiddleText,
	plural,
	RelativeTime,
	Screen,
	type Status,
	StatusDot,
	statusWord,
	useHotkey,
	useVaults,
} from '@/shared';
import { type Column, DataTable } from '@/shared/table';
import { AddVaultPane } from './add-vault-pane';
import { VaultPane } from './vault-pane';
import { addressWords } from './vault-words';

export function vaultStatus({ failure, readOnly, asOf }: VaultRow): Status {
	if (failure) return 'unusable';
	if (!asOf) return 'checking';
	return readOnly ? 'readOnly' : 'ready';
}

const COLUMNS: Column<VaultRow>[] = [
	{
		id: 'state',
		header: 'State',
		width: 112,
		sortable: true,
		text: (vault) => statusWord(vaultStatus(vault)),
		render: (vault) => <StatusDot status={vaultStatus(vault)} />,
	},
	{ id: 'name', header: 'Vault', width: 140, grow: 1, sortable: true, fixed: true, text: (vault) => vault.name },
	{
		id: 'url',
		header: 'Address',
		width: 200,
		grow: 3,
		sortable: true,
		text: addressWords,
		render: (vault) => <MiddleText text={addressWords(vault)} mono />,
	},
	{
		id: 'points',
		header: 'Recovery points',
		width: 112,
		align: 'end',
		sortable: true,
		text: (vault) => formatCount(vault.points),
		sortKey: (vault) => vault.points,
		export: (vault) => vault.points,
	},
	{
		id: 'bytes',
		header: 'Size',
		width: 80,
		align: 'end',
		sortable: true,
		text: (vault) => formatBytes(vault.bytes),
		sortKey: (vault) => vault.bytes,
		export: (vault) => vault.bytes,
		exportHeader: 'Size (bytes)',
	},
	{
		id: 'asOf',
		header: 'Looked at',
		width: 100,
		sortable: true,
		text: (vault) => vault.asOf ?? '',
		render: (vault) => (vault.asOf ? <RelativeTime time={vault.asOf} /> : 'not yet'),
	},
];

/** Those that have room beside a pane. */
const NARROW = COLUMNS.filter(({ id }) => ['state', 'name', 'points', 'bytes'].includes(id));

function lead(vaults: VaultRow[]): string {
	const failing = vaults.filter((vault) => vault.failure).length;
	const all = plural(vaults.length, 'vault');
	if (vaults.length === 0) return 'No vault yet.';
	return failing === 0 ? `${all}, all can be worked with.` : `${all}, ${failing} cannot be worked with.`;
}

/** Where recovery points are kept. */
export function VaultsScreen() {
	const navigate = useNavigate();
	const search = useSearch({ from: '/vaults' });
	const vaults = useVaults();
	const [text, setText] = useState('');
	const adding = search.do === 'add';
	const chosen = vaults.data?.find((vault) => vault.id === search.vault);
	const show = (vault: string | undefined) => void navigate({ to: '/vaults', search: vault ? { vault } : {} });
	const add = () => void navigate({ to: '/vaults', search: { do: 'add' } });
	useHotkey('n', 'Add a vault', add);

	let pane = null;
	if (adding) pane = <AddVaultPane onClose={() => show(undefined)} onAdded={show} />;
	else if (chosen) pane = <VaultPane key={chosen.id} vault={chosen} onClose={() => show(undefined)} />;
	const button = (
		<Button appearance="primary" icon={<AddRegular />} onClick={add}>
			Add a vault
		</Button>
	);
	const none = vaults.data?.length === 0;
	const found = (vaults.data ?? []).filter(({ name, url }) =>
		`${name} ${url}`.toLowerCase().includes(text.trim().toLowerCase()),
	);
	return (
		<Screen title="Vaults" lead={vaults.data ? lead(vaults.data) : ''} actions={!none && button} pane={pane}>
			{vaults.error && (
				<div style={{ padding: '0 24px 12px' }}>
					<FailureView failure={vaults.error} onRetry={() => void vaults.refetch()} />
				</div>
			)}
			{(!vaults.error || vaults.data) && (
				<DataTable
					label="Vaults"
					columns={pane ? NARROW : COLUMNS}
					allColumns={COLUMNS}
					menu="vaults"
					rowKey={(vault) => vault.id}
					source={{ kind: 'all', rows: found }}
					loading={vaults.isPending}
					activeKey={chosen?.id}
					onActivate={(vault) => show(vault.id)}
					empty={
						none ? (
							<EmptyState title="No vault yet" actions={button}>
								A vault is a folder or an Azure blob container in which recovery points are kept.
							</EmptyState>
						) : (
							<EmptyState title="No vault matches the filter" />
						)
					}
					toolbar={
						!none && <FilterBox label="Filter vaults" placeholder="Name or address" value={text} onChange={setText} />
					}
				/>
			)}
		</Screen>
	);
}
