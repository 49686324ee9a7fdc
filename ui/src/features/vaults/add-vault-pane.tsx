import {
	Button,
	Checkbox,
	Dropdown,
	Field,
	Input,
	makeStyles,
	Option,
	Radio,
	RadioGroup,
	Spinner,
} from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AddVault, VaultAuth } from '@/backend/bindings';
import { FailureView, newRequestId, Pane, pathWords, useAppInfo, useBackend } from '@/shared';
import { AccessView } from './access-view';
import { AUTH } from './vault-words';

const useStyles = makeStyles({
	form: { display: 'grid', gap: '16px' },
	folder: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) max-content', gap: '8px' },
});

interface AddVaultPaneProps {
	onClose: () => void;
	onAdded: (vaultId: string) => void;
}

/** A folder or a blob container to keep recovery points in. */
export function AddVaultPane({ onClose, onAdded }: AddVaultPaneProps) {
	const styles = useStyles();
	const backend = useBackend();
	const client = useQueryClient();
	const suggested = pathWords(useAppInfo().data?.suggestedVault ?? '');
	const [kind, setKind] = useState<'folder' | 'blob'>('folder');
	const [folder, setFolder] = useState<string>();
	const [container, setContainer] = useState('');
	const [name, setName] = useState('');
	const [auth, setAuth] = useState<VaultAuth>('auto');
	const [sas, setSas] = useState('');
	const [create, setCreate] = useState(true);

	const url = (kind === 'folder' ? (folder ?? suggested) : container).trim();
	const vault: AddVault = { name: name.trim(), url, auth: kind === 'blob' ? auth : 'auto', create };
	if (kind === 'blob' && auth === 'sas' && sas) vault.sas = sas;
	const check = useMutation({ mutationFn: () => backend.checkVault(vault, newRequestId()) });
	const add = useMutation({
		mutationFn: () => backend.addVault(vault),
		onSuccess: async (row) => {
			setSas('');
			await client.invalidateQueries({ queryKey: ['vaults'] });
			onAdded(row.id);
		},
	});
	const pick = useMutation({
		mutationFn: () => backend.pickFolder('vault'),
		onSuccess: (path) => path && changed(() => setFolder(path)),
	});
	/** What was found is about what was entered then. */
	const changed = (set: () => void) => {
		check.reset();
		add.reset();
		set();
	};
	const complete = url !== '' && (auth !== 'sas' || kind === 'folder' || sas !== '');

	return (
		<Pane
			title="Add a vault"
			width={480}
			onClose={onClose}
			footer={
				<>
					<Button appearance="primary" disabled={!complete || add.isPending} onClick={() => add.mutate()}>
						Add vault
					</Button>
					<Button disabled={!complete || check.isPending} onClick={() => check.mutate()}>
						Test access
					</Button>
					{(check.isPending || add.isPending) && (
						<Spinner size="tiny" label={check.isPending ? 'Testing…' : 'Adding…'} />
					)}
				</>
			}
		>
			<div className={styles.form}>
				<Field label="Where">
					<RadioGroup value={kind} onChange={(_, data) => changed(() => setKind(data.value as 'folder' | 'blob'))}>
						<Radio value="folder" label="Folder on this computer or a share" />
						<Radio value="blob" label="Azure blob container" />
					</RadioGroup>
				</Field>
				{kind === 'folder' ? (
					<div className={styles.folder}>
						<Field label="Folder">
							<Input
								value={folder ?? suggested}
								spellCheck={false}
								onChange={(_, data) => changed(() => setFolder(data.value))}
							/>
						</Field>
						<Button style={{ alignSelf: 'end' }} onClick={() => pick.mutate()}>
							Choose…
						</Button>
					</div>
				) : (
					<>
						<Field label="Address" hint="https://account.blob.core.windows.net/container, with or without a prefix">
							<Input
								value={container}
								spellCheck={false}
								onChange={(_, data) => changed(() => setContainer(data.value))}
							/>
						</Field>
						<Field label="Sign in with" hint={AUTH[auth].hint}>
							<Dropdown
								value={AUTH[auth].label}
								selectedOptions={[auth]}
								onOptionSelect={(_, data) => changed(() => setAuth((data.optionValue ?? 'auto') as VaultAuth))}
							>
								{Object.entries(AUTH).map(([value, { label }]) => (
									<Option key={value} value={value}>
										{label}
									</Option>
								))}
							</Dropdown>
						</Field>
						{auth === 'sas' && (
							<Field label="SAS" hint="For the container, with read, add, create, write, delete and list">
								<Input
									type="password"
									autoComplete="off"
									value={sas}
									onChange={(_, data) => changed(() => setSas(data.value))}
								/>
							</Field>
						)}
					</>
				)}
				<Field label="Name" hint="Empty for the last part of the address">
					<Input value={name} onChange={(_, data) => changed(() => setName(data.value))} />
				</Field>
				<Checkbox
					label="Create the vault if there is none"
					checked={create}
					onChange={(_, data) => changed(() => setCreate(data.checked === true))}
				/>
				{check.data && <AccessView report={check.data} />}
				{check.error && <FailureView failure={check.error} />}
				{add.error && <FailureView failure={add.error} />}
			</div>
		</Pane>
	);
}
