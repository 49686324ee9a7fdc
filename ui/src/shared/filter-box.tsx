import { SearchBox } from '@fluentui/react-components';
import { useRef } from 'react';
import { useHotkey } from './hotkeys';

interface FilterBoxProps {
	/** What is filtered, such as `Filter recovery points`. */
	label: string;
	value: string;
	onChange: (value: string) => void;
	/** An example of what can be typed. */
	placeholder?: string;
}

/** The filter of a table; `/` focuses it, Esc empties it. */
export function FilterBox({ label, value, onChange, placeholder }: FilterBoxProps) {
	const input = useRef<HTMLInputElement>(null);
	useHotkey('/', label, () => input.current?.focus());
	return (
		<SearchBox
			input={{ ref: input }}
			size="small"
			aria-label={label}
			placeholder={placeholder ?? 'Filter'}
			value={value}
			onChange={(_, data) => onChange(data.value)}
			onKeyDown={(event) => {
				if (event.key !== 'Escape') return;
				if (value) event.stopPropagation();
				onChange('');
				if (!value) input.current?.blur();
			}}
			style={{ flex: '1 1 160px', minWidth: 0, maxWidth: 320 }}
		/>
	);
}
