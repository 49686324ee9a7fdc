import { Button, Combobox, Field, makeStyles, Option, Tag, TagGroup } from '@fluentui/react-components';
import { EditRegular } from '@fluentui/react-icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useState } from 'react';
import { MiddleText, useBackend } from '@/shared';
import { HooksDialog } from './hooks-dialog';

/** Objects offered at once; typing narrows them down. */
const OFFERED = 50;

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', justifyItems: 'stretch', minWidth: 0 },
	tags: { display: 'flex', flexWrap: 'wrap', gap: '4px', minWidth: 0 },
});

interface HooksChoiceProps {
	/** The kind of objects. */
	kind: 'BackupHook' | 'RestoreHook';
	/** None is offered where no cluster is chosen. */
	clusterId: string | undefined;
	hooks: string[];
	onChange: (hooks: string[]) => void;
}

/** What is wrong with references to hooks, in the engine's words. */
export function useHookProblems(hooks: string[]): string[] {
	const backend = useBackend();
	const checked = useQuery({
		queryKey: ['check-hooks', hooks],
		queryFn: () => backend.checkHooks(hooks),
		enabled: hooks.length > 0,
		placeholderData: keepPreviousData,
		staleTime: Number.POSITIVE_INFINITY,
	});
	return hooks.length > 0 ? (checked.data ?? []).filter((problem) => problem !== '') : [];
}

/** Why none is offered. Whatever is typed can be taken: it may be there by then. */
function noneWords({ isPending, error }: { isPending: boolean; error: unknown }, kind: string, typed: string): string {
	if (isPending) return 'Reading the cluster…';
	if (error) return 'The hooks of the cluster cannot be read; type namespace and name';
	return typed.trim() === '' ? `The cluster has no ${kind} objects` : 'Not in the cluster now; Enter takes it as typed';
}

/** The objects with hooks that a backup or a restore goes by: those of the cluster are offered, others are typed. */
export function HooksChoice({ kind, clusterId, hooks, onChange }: HooksChoiceProps) {
	const styles = useStyles();
	const backend = useBackend();
	const [typed, setTyped] = useState('');
	const [writing, setWriting] = useState(false);
	const known = useQuery({
		queryKey: ['hooks', kind, clusterId],
		queryFn: () => (kind === 'BackupHook' ? backend.backupHooks : backend.restoreHooks)(clusterId ?? ''),
		enabled: clusterId !== undefined,
	});
	const problems = useHookProblems(hooks);
	const matching = (known.data ?? []).filter((name) => name.includes(typed.trim()));
	const add = (names: string[]) => onChange([...new Set([...hooks, ...names])]);
	const take = () => {
		if (typed.trim() !== '') add(typed.split(/[\s,]+/).filter(Boolean));
		setTyped('');
	};
	const onKeyDown = (event: KeyboardEvent) => {
		if (event.key !== 'Enter' || typed.trim() === '') return;
		event.preventDefault();
		take();
	};
	return (
		<div className={styles.root}>
			<Field
				label="Hooks, in the order in which they run"
				{...(problems.length > 0
					? { validationMessage: problems.join(' ') }
					: { hint: `${kind} objects of the cluster. Hooks in annotations of pods run by themselves.` })}
			>
				<Combobox
					freeform
					multiselect
					placeholder="namespace/name"
					value={typed}
					selectedOptions={hooks}
					onChange={(event) => setTyped(event.target.value)}
					onKeyDown={onKeyDown}
					onBlur={take}
					onOptionSelect={(_, data) => {
						onChange(data.selectedOptions);
						setTyped('');
					}}
				>
					{matching.slice(0, OFFERED).map((name) => (
						<Option key={name}>{name}</Option>
					))}
					{matching.length === 0 && (
						<Option disabled value="" text="">
							{noneWords(known, kind, typed)}
						</Option>
					)}
				</Combobox>
			</Field>
			{hooks.length > 0 && (
				<TagGroup
					className={styles.tags}
					aria-label="Chosen hooks"
					size="small"
					onDismiss={(_, data) => onChange(hooks.filter((name) => name !== data.value))}
				>
					{hooks.map((name) => (
						<Tag key={name} value={name} dismissible dismissIcon={{ 'aria-label': `Remove ${name}` }}>
							<MiddleText text={name} />
						</Tag>
					))}
				</TagGroup>
			)}
			<div>
				<Button size="small" appearance="subtle" icon={<EditRegular />} onClick={() => setWriting(true)}>
					Write hooks…
				</Button>
			</div>
			{writing && (
				<HooksDialog
					kind={kind}
					onClose={() => setWriting(false)}
					onUse={(names) => {
						add(names);
						setWriting(false);
					}}
				/>
			)}
		</div>
	);
}
