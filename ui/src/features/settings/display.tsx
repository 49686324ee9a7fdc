import { Field, Radio, RadioGroup, Switch } from '@fluentui/react-components';
import type { Appearance, TimeDisplay } from '@/backend/bindings';
import { Section } from '@/shared';
import type { PartProps } from './settings-screen';

export function Display({ settings, save }: PartProps) {
	return (
		<Section title="Display">
			<Field label="Appearance">
				<RadioGroup
					layout="horizontal"
					value={settings.appearance}
					onChange={(_, data) => save({ appearance: data.value as Appearance })}
				>
					<Radio value="system" label="As the system" />
					<Radio value="light" label="Light" />
					<Radio value="dark" label="Dark" />
				</RadioGroup>
			</Field>
			<Field label="Times" hint="Relative times show the moment itself on hover.">
				<RadioGroup
					layout="horizontal"
					value={settings.times}
					onChange={(_, data) => save({ times: data.value as TimeDisplay })}
				>
					<Radio value="local" label="Local time" />
					<Radio value="utc" label="UTC" />
				</RadioGroup>
			</Field>
			<Switch label="Compact rows" checked={settings.compact} onChange={(_, data) => save({ compact: data.checked })} />
		</Section>
	);
}
