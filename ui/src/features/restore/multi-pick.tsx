import { Combobox, Field, makeStyles, Option, Tag, TagGroup } from '@fluentui/react-components';
import { useState } from 'react';

/** Options shown at once; typing finds the rest. */
const SHOWN = 100;

const useStyles = makeStyles({ tags: { display: 'flex', flexWrap: 'wrap', gap: '4px', marginTop: '4px' } });

interface MultiPickProps {
	label: string;
	hint: string;
	/** What none chosen means, such as `All namespaces`. */
	all: string;
	options: { value: string; text: string }[];
	chosen: string[];
	onChange: (chosen: string[]) => void;
}

/** Several of many; what is typed narrows the list, and Enter takes it as it stands, so that patterns can be given. */
export function MultiPick({ label, hint, all, options, chosen, onChange }: MultiPickProps) {
	const styles = useStyles();
	const [typed, setTyped] = useState('');
	const words = typed.trim().toLowerCase();
	const found = options.filter(({ text, value }) => `${text} ${value}`.toLowerCase().includes(words));
	const without = (value: string) => chosen.filter((each) => each !== value);
	const take = (value: string) => {
		onChange([...without(value), value]);
		setTyped('');
	};
	return (
		<div>
			<Field label={label} hint={hint}>
				<Combobox
					multiselect
					freeform
					placeholder={chosen.length === 0 ? all : 'Add…'}
					value={typed}
					selectedOptions={chosen}
					onChange={(event) => setTyped(event.target.value)}
					onOptionSelect={(_, data) => {
						onChange(data.selectedOptions);
						setTyped('');
					}}
					onKeyDown={(event) => {
						if (event.key === 'Enter' && words !== '' && (found.length === 0 || /[*?]/.test(words))) {
							event.preventDefault();
							take(typed.trim());
						}
					}}
					onBlur={() => setTyped('')}
				>
					{found.slice(0, SHOWN).map(({ value, text }) => (
						<Option key={value} value={value} text={value}>
							{text}
						</Option>
					))}
					{found.length > SHOWN && (
						<Option disabled value="" text="">
							{`Type to find ${found.length - SHOWN} more`}
						</Option>
					)}
				</Combobox>
			</Field>
			{chosen.length > 0 && (
				<TagGroup
					className={styles.tags}
					aria-label={label}
					size="small"
					onDismiss={(_, data) => onChange(without(data.value))}
				>
					{chosen.map((value) => (
						<Tag key={value} value={value} dismissible dismissIcon={{ 'aria-label': `Remove ${value}` }}>
							{value}
						</Tag>
					))}
				</TagGroup>
			)}
		</div>
	);
}
