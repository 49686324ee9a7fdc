import { Combobox, Field, makeStyles, Option, Radio, RadioGroup, Tag, TagGroup } from '@fluentui/react-components';
import { type KeyboardEvent, useState } from 'react';
import { plural, useClusterStatus } from '@/shared';
import { wordsOf } from './selection';

/** Names offered at once; typing narrows them down. */
const OFFERED = 50;

const useStyles = makeStyles({
	picker: { display: 'grid', gap: '8px', paddingLeft: '32px' },
	tags: { display: 'flex', flexWrap: 'wrap', gap: '4px' },
});

interface NamespaceChoiceProps {
	clusterId: string;
	/** Those to take; none for all. */
	names: string[];
	onChange: (names: string[]) => void;
	/** Whether only some are to be taken, though none is named yet. */
	only: boolean;
	onOnly: (only: boolean) => void;
}

/** All namespaces, those of later too, or only some, by name or pattern. */
export function NamespaceChoice({ clusterId, names, onChange, only, onOnly }: NamespaceChoiceProps) {
	const styles = useStyles();
	const status = useClusterStatus(clusterId);
	const [typed, setTyped] = useState('');
	const known = (status.data?.namespaces ?? []).filter((each) => !each.alwaysSkipped).map((each) => each.name);
	const matching = known.filter((name) => name.includes(typed.trim()));
	const add = (event: KeyboardEvent) => {
		if (event.key !== 'Enter' || typed.trim() === '') return;
		event.preventDefault();
		onChange([...new Set([...names, ...wordsOf(typed)])]);
		setTyped('');
	};
	return (
		<Field label="Namespaces">
			<RadioGroup value={only ? 'only' : 'all'} onChange={(_, data) => onOnly(data.value === 'only')}>
				<Radio
					value="all"
					label={`All, now and later${known.length > 0 ? ` (${plural(known.length, 'namespace')} now)` : ''}`}
				/>
				<Radio value="only" label="Only these" />
			</RadioGroup>
			{only && (
				<div className={styles.picker}>
					{names.length > 0 && (
						<TagGroup
							className={styles.tags}
							aria-label="Chosen namespaces"
							onDismiss={(_, data) => onChange(names.filter((name) => name !== data.value))}
						>
							{names.map((name) => (
								<Tag key={name} value={name} size="small" dismissible dismissIcon={{ 'aria-label': `Remove ${name}` }}>
									{name}
								</Tag>
							))}
						</TagGroup>
					)}
					<Combobox
						multiselect
						freeform
						aria-label="Add namespaces"
						placeholder="Name or pattern, such as team-*"
						value={typed}
						selectedOptions={names}
						onChange={(event) => setTyped(event.target.value)}
						onKeyDown={add}
						onOptionSelect={(_, data) => {
							onChange(data.selectedOptions);
							setTyped('');
						}}
					>
						{matching.slice(0, OFFERED).map((name) => (
							<Option key={name}>{name}</Option>
						))}
					</Combobox>
				</div>
			)}
		</Field>
	);
}
