import { Button, Combobox, Field, Input, Option, Tooltip } from '@fluentui/react-components';
import { AddRegular, ArrowRightRegular, DeleteRegular } from '@fluentui/react-icons';
import type { NamespaceMapping } from '@/backend/bindings';
import { mappingProblem } from './draft';

interface MappingsProps {
	mappings: NamespaceMapping[];
	/** Namespaces that are restored. */
	from: string[];
	/** Namespaces of the cluster, as far as they are known. */
	to: string[];
	onChange: (mappings: NamespaceMapping[]) => void;
}

/** Which namespaces go elsewhere; those not named keep their name. */
export function Mappings({ mappings, from, to, onChange }: MappingsProps) {
	const set = (at: number, change: Partial<NamespaceMapping>) =>
		onChange(mappings.map((each, index) => (index === at ? { ...each, ...change } : each)));
	const free = from.filter((name) => !mappings.some((each) => each.from === name));
	return (
		<div style={{ display: 'grid', gap: 8, justifyItems: 'start' }}>
			{mappings.map((mapping, at) => {
				const problem = mappingProblem(mappings, at);
				const exists = to.includes(mapping.to);
				const touched = mapping.to !== '';
				const note = exists ? 'It is there already.' : 'It will be made.';
				return (
					// biome-ignore lint/suspicious/noArrayIndexKey: a mapping has no identity but its place
					<div key={at} style={{ display: 'flex', flexWrap: 'wrap', gap: 8, alignItems: 'flex-start' }}>
						<Field aria-label="From">
							<Combobox
								aria-label={`Namespace ${at + 1} in the recovery point`}
								placeholder="In the recovery point"
								value={mapping.from}
								selectedOptions={[mapping.from]}
								onOptionSelect={(_, data) => set(at, { from: data.optionValue ?? '' })}
								style={{ minWidth: 200 }}
							>
								{[...(mapping.from ? [mapping.from] : []), ...free].map((name) => (
									<Option key={name}>{name}</Option>
								))}
							</Combobox>
						</Field>
						<ArrowRightRegular fontSize={16} aria-label="goes to" style={{ marginTop: 8 }} />
						<Field
							validationState={problem && touched ? 'error' : 'none'}
							validationMessage={touched ? (problem ?? (to.length > 0 ? note : '')) : ''}
							style={{ width: 240 }}
						>
							<Input
								aria-label={`Namespace ${at + 1} in the cluster`}
								placeholder="In the cluster"
								spellCheck={false}
								autoComplete="off"
								value={mapping.to}
								onChange={(_, data) => set(at, { to: data.value.trim() })}
							/>
						</Field>
						<Tooltip content="Remove mapping" relationship="label">
							<Button
								appearance="subtle"
								icon={<DeleteRegular />}
								onClick={() => onChange(mappings.filter((_, index) => index !== at))}
							/>
						</Tooltip>
					</div>
				);
			})}
			<Button
				size="small"
				icon={<AddRegular />}
				disabled={free.length === 0}
				onClick={() => onChange([...mappings, { from: free.length === 1 ? (free[0] ?? '') : '', to: '' }])}
			>
				Map a namespace
			</Button>
		</div>
	);
}
