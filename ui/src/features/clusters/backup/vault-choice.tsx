import { Button, Field, makeStyles, Radio, RadioGroup, tokens } from '@fluentui/react-components';
import { FolderAddRegular } from '@fluentui/react-icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { VaultRow } from '@/backend/bindings';
import { FailureView, pathWords, useAppInfo, useBackend } from '@/shared';

const useStyles = makeStyles({
	actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px', marginTop: '4px' },
	first: { display: 'grid', gap: '8px', justifyItems: 'start' },
	path: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px', overflowWrap: 'anywhere' },
	quiet: { color: tokens.colorNeutralForeground3 },
	link: { color: tokens.colorBrandForegroundLink, fontSize: '12px' },
});

interface VaultChoiceProps {
	vaults: VaultRow[];
	chosen: string | undefined;
	onChange: (vaultId: string) => void;
}

/** The vault to write to; where there is none, a folder on this computer in one click. */
export function VaultChoice({ vaults, chosen, onChange }: VaultChoiceProps) {
	const styles = useStyles();
	const backend = useBackend();
	const client = useQueryClient();
	const suggested = useAppInfo().data?.suggestedVault;
	const add = useMutation({
		mutationFn: async (folder: string | undefined) => {
			const url = folder ?? (await backend.pickFolder('vault'));
			return url ? backend.addVault({ name: '', url, auth: 'auto', create: true }) : undefined;
		},
		onSuccess: async (vault) => {
			if (!vault) return;
			await client.invalidateQueries({ queryKey: ['vaults'] });
			onChange(vault.id);
		},
	});
	const picker = (
		<Button
			size="small"
			appearance="subtle"
			icon={<FolderAddRegular />}
			disabled={add.isPending}
			onClick={() => add.mutate(undefined)}
		>
			{vaults.length === 0 ? 'Choose another folder…' : 'Add a folder…'}
		</Button>
	);
	const failure = add.error && <FailureView failure={add.error} />;
	if (vaults.length === 0) {
		return (
			<Field label="Vault">
				<div className={styles.first}>
					<span>A vault is where recovery points are kept. There is none yet.</span>
					{suggested && (
						<>
							<span className={styles.path}>{pathWords(suggested)}</span>
							<Button appearance="primary" disabled={add.isPending} onClick={() => add.mutate(suggested)}>
								Keep them in this folder
							</Button>
						</>
					)}
					<div className={styles.actions}>
						{picker}
						<Link to="/vaults" search={{ do: 'add' }} className={styles.link}>
							Use Azure Blob Storage…
						</Link>
					</div>
					{failure}
				</div>
			</Field>
		);
	}
	return (
		<Field label="Vault">
			<RadioGroup value={chosen ?? ''} onChange={(_, data) => onChange(data.value)}>
				{vaults.map((vault) => (
					<Radio
						key={vault.id}
						value={vault.id}
						disabled={vault.readOnly}
						label={
							<>
								{vault.name} <span className={styles.quiet}>{problem(vault)}</span>
							</>
						}
					/>
				))}
			</RadioGroup>
			<div className={styles.actions}>{picker}</div>
			{failure}
		</Field>
	);
}

function problem(vault: VaultRow): string {
	if (vault.readOnly) return 'read-only';
	return vault.failure ? 'could not be reached at the last look' : '';
}
