import { makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { lazy, Suspense, useId, useRef } from 'react';
import { FailureView, plural, StatusDot } from '@/shared';
import type { YamlEditorHandle } from '@/shared/code';
import { TemplatesMenu } from '@/shared/templates-menu';
import { ApplyHooks } from './apply-hooks';
import { HookProblems } from './hook-problems';
import { useHooksDraft, useHooksLint, useHookTemplates } from './use-hooks';

const YamlEditor = lazy(async () => ({ default: (await import('@/shared/code')).YamlEditor }));

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', minWidth: 0, maxWidth: '1000px' },
	head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px' },
	quiet: { color: tokens.colorNeutralForeground2 },
});

/** Hooks as YAML: begun from a template, looked through while they are written, and brought into a cluster. */
export function HooksEditor() {
	const styles = useStyles();
	const words = useId();
	const editor = useRef<YamlEditorHandle>(null);
	const { text, write } = useHooksDraft();
	const lint = useHooksLint(text);
	const templates = useHookTemplates();
	const { found, current } = lint;
	const { problems, advice } = found;
	const used = templates.data?.find((template) => template.text === text);
	const goTo = (place: { line: number; column: number }) => editor.current?.goTo(place);
	return (
		<div className={styles.root}>
			<div className={styles.quiet}>
				Hooks are objects of the cluster: backups and restores are told their namespace and name, and read them there.
			</div>
			<div className={styles.head}>
				<TemplatesMenu templates={templates.data ?? []} text={text} onInsert={(template) => write(template.text)} />
				<span id={words} role="status">
					{text.trim() === '' ? (
						<span className={styles.quiet}>Nothing is written yet.</span>
					) : problems.length > 0 ? (
						<StatusDot status="failed" word={plural(problems.length, 'problem')} />
					) : (
						current && <StatusDot status="completed" word={contents(found.backup, found.restore, found.hooks)} />
					)}
				</span>
			</div>
			{templates.error && <FailureView failure={templates.error} onRetry={() => void templates.refetch()} />}
			{used && <div className={styles.quiet}>{used.consistency}</div>}
			{lint.error && <FailureView failure={lint.error} />}
			<Suspense fallback={<Spinner size="tiny" label="Loading" />}>
				<YamlEditor
					ref={editor}
					label="Text of the hooks"
					describedBy={words}
					value={text}
					onChange={write}
					wrong={problems.map(({ line }) => line)}
					doubtful={advice.map(({ line }) => line)}
					height={360}
				/>
			</Suspense>
			<HookProblems label="Problems" problems={problems} onGoTo={goTo} />
			<HookProblems label="Advice" advice problems={advice} onGoTo={goTo} />
			<ApplyHooks
				text={text}
				name={found.backup[0] ?? found.restore[0]}
				valid={current && problems.length === 0 && found.hooks > 0}
			/>
		</div>
	);
}

/** `1 hook in BackupHook default/postgresql`. */
function contents(backup: string[], restore: string[], hooks: number): string {
	const objects = [...backup.map((name) => `BackupHook ${name}`), ...restore.map((name) => `RestoreHook ${name}`)];
	const [first = ''] = objects;
	return `${plural(hooks, 'hook')} in ${objects.length > 1 ? plural(objects.length, 'object') : first}`;
}
