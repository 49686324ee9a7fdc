import { Button, Dropdown, Field, Option } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import type { LogFilter } from '@/backend/bindings';
import { FailureView, Section, useAppInfo, useBackend } from '@/shared';
import { Facts } from '@/shared/facts';
import type { PartProps } from './settings-screen';

const LEVELS: Record<LogFilter, string> = {
	error: 'Errors',
	warn: 'Warnings and errors',
	info: 'Normal',
	debug: 'Detailed',
	trace: 'Everything',
};

export function About({ settings, save }: PartProps) {
	const backend = useBackend();
	const info = useAppInfo().data;
	const show = useMutation({ mutationFn: () => backend.showLogFolder() });
	return (
		<>
			<Section title="Log">
				<Field label="What is written to the log file" hint="Never what is in Secrets, and no tokens.">
					<Dropdown
						value={LEVELS[settings.logLevel]}
						selectedOptions={[settings.logLevel]}
						onOptionSelect={(_, data) => save({ logLevel: (data.optionValue ?? 'info') as LogFilter })}
						style={{ maxWidth: 240 }}
					>
						{Object.entries(LEVELS).map(([value, words]) => (
							<Option key={value} value={value}>
								{words}
							</Option>
						))}
					</Dropdown>
				</Field>
				<div>
					<Button size="small" onClick={() => show.mutate()}>
						Show log folder
					</Button>
				</div>
				{show.error && <FailureView failure={show.error} />}
			</Section>
			<Section title="About">
				<Facts
					facts={[
						['Version', `Holdfast ${info?.version ?? ''}`],
						['Log file', info?.logFile],
						['Data', info?.dataDir],
						['Licence', 'Apache-2.0'],
					]}
				/>
			</Section>
		</>
	);
}
