import { Button, Tooltip } from '@fluentui/react-components';
import { CheckmarkRegular, CopyRegular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import { useBackend } from './backend-context';

const DONE_MS = 2_000;

/** Copies a text; says so for two seconds. */
export function CopyButton({ text, label, words }: { text: string; label: string; words?: string }) {
	const backend = useBackend();
	const [done, setDone] = useState(false);
	useEffect(() => {
		if (!done) return;
		const timer = setTimeout(() => setDone(false), DONE_MS);
		return () => clearTimeout(timer);
	}, [done]);
	const copy = () => backend.copyText(text).then(() => setDone(true));
	return (
		<Tooltip content={done ? 'Copied' : label} relationship="label">
			<Button size="small" appearance="subtle" icon={done ? <CheckmarkRegular /> : <CopyRegular />} onClick={copy}>
				{words}
			</Button>
		</Tooltip>
	);
}
