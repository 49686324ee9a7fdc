import { Button, Combobox, Field, makeStyles, Option, Tooltip } from '@fluentui/react-components';
import { AddRegular, ArrowRightRegular, DeleteRegular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import type { StorageClassMapping } from '@/backend/bindings';
import { FailureView, useBackend, usePointVolumes } from '@/shared';
import type { Draft } from './draft';
import { storageClassNote, storageClassProblem } from './storage-class-rules';

const useStyles = makeStyles({
	rows: { display: 'grid', gap: '8px', justifyItems: 'start', minWidth: 0 },
	row: { display: 'flex', flexWrap: 'wrap', gap: '8px', alignItems: 'flex-start' },
	arrow: { marginTop: '8px' },
});

interface StorageClassesProps {
	draft: Draft;
	onChange: (change: Partial<Draft>) => void;
}

/** Which storage classes claims get in the cluster; classes that are not named stay as they are. */
export function StorageClasses({ draft, onChange }: StorageClassesProps) {
	const styles = useStyles();
	const backend = useBackend();
	const { clusterId, storageClasses: rows } = draft;
	const volumes = usePointVolumes(draft.point);
	const target = useQuery({
		queryKey: ['storage-classes', clusterId],
		queryFn: () => backend.storageClasses(clusterId ?? ''),
		enabled: clusterId !== undefined && rows.length > 0,
	});
	const known = [...new Set((volumes.data?.volumes ?? []).map(({ storageClass }) => storageClass))].sort();
	const free = known.filter((name) => !rows.some(({ from }) => from === name));
	const set = (storageClasses: StorageClassMapping[]) => onChange({ storageClasses });
	const put = (at: number, change: Partial<StorageClassMapping>) =>
		set(rows.map((row, index) => (index === at ? { ...row, ...change } : row)));
	return (
		<Field label="Storage classes that are replaced" hint="Claims of all other classes keep theirs.">
			<div className={styles.rows}>
				{rows.map((row, at) => {
					const problem = storageClassProblem(rows, at);
					const note = row.to === '' ? '' : storageClassNote(row.to, target.data);
					return (
						// biome-ignore lint/suspicious/noArrayIndexKey: a row has no identity but its place
						<div key={at} className={styles.row}>
							<Combobox
								freeform
								aria-label={`Storage class ${at + 1} in the recovery point`}
								placeholder="Claims that name none"
								value={row.from}
								selectedOptions={[row.from]}
								onChange={(event) => put(at, { from: event.target.value.trim() })}
								onOptionSelect={(_, { optionValue }) => optionValue && put(at, { from: optionValue })}
								style={{ width: 240, minWidth: 0 }}
							>
								{known.filter(Boolean).map((name) => (
									<Option key={name} value={name} disabled={!free.includes(name) && name !== row.from}>
										{name}
									</Option>
								))}
							</Combobox>
							<ArrowRightRegular fontSize={16} aria-label="becomes" className={styles.arrow} />
							<Field
								validationState={problem ? 'error' : 'none'}
								validationMessage={problem ?? note}
								style={{ width: 260 }}
							>
								<Combobox
									freeform
									aria-label={`Storage class ${at + 1} in the cluster`}
									placeholder="In the cluster"
									value={row.to}
									selectedOptions={[row.to]}
									onChange={(event) => put(at, { to: event.target.value.trim() })}
									// Typing on tells of an option that is not chosen any more.
									onOptionSelect={(_, { optionValue }) => optionValue && put(at, { to: optionValue })}
									style={{ minWidth: 0 }}
								>
									{(target.data ?? []).map(({ name, provisioner }) => (
										<Option key={name} value={name} text={name}>
											{`${name} (${provisioner})`}
										</Option>
									))}
								</Combobox>
							</Field>
							<Tooltip content={`Keep ${row.from || 'no class'}`} relationship="label">
								<Button
									appearance="subtle"
									icon={<DeleteRegular />}
									onClick={() => set(rows.filter((_, index) => index !== at))}
								/>
							</Tooltip>
						</div>
					);
				})}
				{target.error && <FailureView failure={target.error} onRetry={() => void target.refetch()} />}
				<Button
					size="small"
					icon={<AddRegular />}
					onClick={() => set([...rows, { from: free.find(Boolean) ?? '', to: '' }])}
				>
					Replace a storage class
				</Button>
			</div>
		</Field>
	);
}
