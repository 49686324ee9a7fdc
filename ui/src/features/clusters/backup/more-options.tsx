import { Checkbox, Field, Input, makeStyles } from '@fluentui/react-components';
import { useState } from 'react';
import type { Selection } from '@/backend/bindings';
import { ClusterScopedField } from '@/shared';
import { wordsOf } from './selection';

const useStyles = makeStyles({
	root: { '& > summary': { cursor: 'pointer', padding: '4px 0', fontWeight: 600 } },
	fields: { display: 'grid', gap: '12px', padding: '8px 0' },
});

interface MoreOptionsProps {
	selection: Selection;
	onChange: (change: Partial<Selection>) => void;
}

/** What few backups need: labels, kinds, cluster-scoped objects, Secrets. */
export function MoreOptions({ selection, onChange }: MoreOptionsProps) {
	const styles = useStyles();
	return (
		<details className={styles.root}>
			<summary>Labels, kinds, cluster-scoped objects, Secrets</summary>
			<div className={styles.fields}>
				<Field label="Label selector" hint="As for kubectl -l: app=web,tier!=cache">
					<Input
						value={selection.labelSelector}
						spellCheck={false}
						onChange={(_, data) => onChange({ labelSelector: data.value })}
					/>
				</Field>
				<Words
					label="Only these kinds"
					hint="Such as deployments.apps, Secret, *.cert-manager.io; empty for all"
					words={selection.includeResources}
					onChange={(includeResources) => onChange({ includeResources })}
				/>
				<Words
					label="Leave out these kinds"
					words={selection.excludeResources}
					onChange={(excludeResources) => onChange({ excludeResources })}
				/>
				<Words
					label="Leave out these namespaces"
					words={selection.excludeNamespaces}
					onChange={(excludeNamespaces) => onChange({ excludeNamespaces })}
				/>
				<ClusterScopedField
					value={selection.clusterScoped}
					onChange={(clusterScoped) => onChange({ clusterScoped })}
					auto="Those that chosen objects refer to; all for a whole cluster"
				/>
				<Checkbox
					label="Include Secrets"
					checked={!selection.excludeSecrets}
					onChange={(_, data) => onChange({ excludeSecrets: data.checked !== true })}
				/>
			</div>
		</details>
	);
}

interface WordsProps {
	label: string;
	hint?: string;
	words: string[];
	onChange: (words: string[]) => void;
}

/** Keeps the text as typed, because words alone would lose the comma that is being typed. */
function Words({ label, hint, words, onChange }: WordsProps) {
	const [text, setText] = useState(words.join(', '));
	return (
		<Field label={label} {...(hint ? { hint } : {})}>
			<Input
				value={text}
				spellCheck={false}
				onChange={(_, data) => {
					setText(data.value);
					onChange(wordsOf(data.value));
				}}
			/>
		</Field>
	);
}
