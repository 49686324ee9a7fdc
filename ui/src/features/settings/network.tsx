import { Button, Field, Input, makeStyles } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { FailureView, Section, useBackend } from '@/shared';
import type { PartProps } from './settings-screen';

const useStyles = makeStyles({
	row: { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) max-content', gap: '8px' },
});

export function Network({ settings, save }: PartProps) {
	const styles = useStyles();
	const backend = useBackend();
	const pick = useMutation({
		mutationFn: () => backend.pickFile('caFile'),
		onSuccess: (caFile) => caFile && save({ caFile }),
	});
	return (
		<Section title="Network">
			<Text
				label="Proxy"
				hint="Such as http://proxy:3128; empty for the environment's"
				value={settings.proxy}
				onSave={(proxy) => save({ proxy })}
			/>
			<div className={styles.row}>
				<Text
					label="Further certificate authorities"
					hint="A PEM file; empty for none"
					value={settings.caFile}
					onSave={(caFile) => save({ caFile })}
				/>
				<Button style={{ alignSelf: 'start', marginTop: 26 }} onClick={() => pick.mutate()}>
					Choose…
				</Button>
			</div>
			{pick.error && <FailureView failure={pick.error} />}
		</Section>
	);
}

interface TextProps {
	label: string;
	hint: string;
	value: string;
	onSave: (value: string) => void;
}

/** Saved when it is left or Enter is pressed, so that no half-typed address is ever in force. */
function Text({ label, hint, value, onSave }: TextProps) {
	const [typed, setTyped] = useState(value);
	useEffect(() => setTyped(value), [value]);
	const leave = () => typed.trim() !== value && onSave(typed.trim());
	return (
		<Field label={label} hint={hint}>
			<Input
				value={typed}
				spellCheck={false}
				onChange={(_, data) => setTyped(data.value)}
				onBlur={leave}
				onKeyDown={(event) => event.key === 'Enter' && leave()}
			/>
		</Field>
	);
}
