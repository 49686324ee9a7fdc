import { Field, Select } from '@fluentui/react-components';
import type { Draft } from './draft';

/** The default of the engine. */
const USUAL = 600;
const OFFERED = [0, USUAL, 1800, 3600, 4 * 3600];

function words(seconds: number): string {
	if (seconds === 0) return 'Do not wait';
	if (seconds % 3600 === 0) return `${seconds / 3600} h`;
	return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

interface ClaimsWaitProps {
	draft: Draft;
	onChange: (change: Partial<Draft>) => void;
}

/** How long a restore waits, at its end, until claims are filled. */
export function ClaimsWait({ draft, onChange }: ClaimsWaitProps) {
	const chosen = draft.volumeTimeoutSeconds ?? USUAL;
	// A plan that was saved in the terminal may have any other.
	const offered = [...new Set([...OFFERED, chosen])].sort((a, b) => a - b);
	return (
		<Field
			label="Wait until claims are filled"
			hint="Filling goes on afterwards either way; claims that wait for their first pod may be bound later."
		>
			<Select
				value={chosen}
				style={{ maxWidth: 240 }}
				onChange={(_, { value }) => onChange({ volumeTimeoutSeconds: Number(value) })}
			>
				{offered.map((seconds) => (
					<option key={seconds} value={seconds}>
						{words(seconds)}
					</option>
				))}
			</Select>
		</Field>
	);
}
