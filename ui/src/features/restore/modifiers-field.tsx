import { Button, makeStyles, Spinner, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons';
import { lazy, Suspense, useId, useRef, useState } from 'react';
import { FailureView, plural, StatusDot } from '@/shared';
import type { YamlEditorHandle } from '@/shared/code';
import { headline } from '@/shared/failure';
import type { Draft } from './draft';
import { ModifierEffects } from './modifier-effects';
import { ModifierTemplates } from './modifier-templates';
import { useModifiersLint } from './use-modifiers';

const YamlEditor = lazy(async () => ({ default: (await import('@/shared/code')).YamlEditor }));

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', minWidth: 0 },
	head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px' },
	hint: { color: tokens.colorNeutralForeground2 },
	link: {
		padding: 0,
		border: 'none',
		font: 'inherit',
		color: tokens.colorBrandForegroundLink,
		backgroundColor: 'transparent',
		textDecorationLine: 'underline',
		cursor: 'pointer',
	},
});

interface ModifiersFieldProps {
	draft: Draft;
	onChange: (change: Partial<Draft>) => void;
}

/** Rules that change objects on their way: written, looked through while they are, and tried on the selection. */
export function ModifiersField({ draft, onChange }: ModifiersFieldProps) {
	const styles = useStyles();
	const body = useId();
	const words = useId();
	const { modifiers: text } = draft;
	const [open, setOpen] = useState(text !== '');
	const [tried, setTried] = useState(false);
	const editor = useRef<YamlEditorHandle>(null);
	const lint = useModifiersLint(text);
	const set = (modifiers: string) => onChange({ modifiers });
	const { rules, problem, line, column } = lint.found;
	return (
		<section className={styles.root} aria-label="Resource modifiers">
			<div className={styles.head}>
				<Button
					size="small"
					appearance="subtle"
					aria-expanded={open}
					aria-controls={body}
					icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
					onClick={() => setOpen(!open)}
				>
					Resource modifiers
				</Button>
				<span id={words} role="status">
					{text.trim() === '' ? (
						<span className={styles.hint}>None. They change objects on their way into the cluster.</span>
					) : problem ? (
						<>
							<StatusDot status="failed" word="" /> {headline(problem)}{' '}
							{line > 0 && open && (
								<button type="button" className={styles.link} onClick={() => editor.current?.goTo({ line, column })}>
									line {line}, column {column}
								</button>
							)}
						</>
					) : (
						lint.known && <StatusDot status="completed" word={plural(rules, 'rule')} />
					)}
				</span>
			</div>
			<div id={body} className={styles.root} hidden={!open} style={open ? {} : { display: 'none' }}>
				{open && (
					<>
						<div className={styles.head}>
							<ModifierTemplates text={text} onInsert={set} />
							<Button
								size="small"
								disabled={!draft.point || text.trim() === '' || problem !== ''}
								aria-pressed={tried}
								onClick={() => setTried(!tried)}
							>
								{tried ? 'Hide the effect' : 'See the effect'}
							</Button>
							<span className={styles.hint}>In the format of Velero's resource modifiers.</span>
						</div>
						{lint.error !== null && <FailureView failure={lint.error} />}
						<Suspense fallback={<Spinner size="tiny" label="Loading" />}>
							<YamlEditor
								ref={editor}
								label="Text of the resource modifiers"
								describedBy={words}
								value={text}
								onChange={set}
								wrong={problem ? [line] : []}
							/>
						</Suspense>
						{tried && draft.point && (
							<ModifierEffects
								point={draft.point}
								selection={draft.selection}
								chosen={draft.objects.length > 0}
								text={lint.valid}
							/>
						)}
					</>
				)}
			</div>
		</section>
	);
}
