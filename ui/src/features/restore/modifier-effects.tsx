import { makeStyles, Spinner, tokens } from '@fluentui/react-components';
import type { ModifierEffect, PointKey, Selection } from '@/backend/bindings';
import { FailureView, formatCount, plural, StatusDot } from '@/shared';
import { FieldChanges } from './field-changes';
import { useModifiersTrial } from './use-modifiers';

/** Objects that are shown; the others are a number. */
const SHOWN = 50;

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px' },
	head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px' },
	list: {
		display: 'grid',
		gap: '8px',
		maxHeight: '320px',
		overflowY: 'auto',
		margin: 0,
		padding: '8px',
		listStyleType: 'none',
		border: `1px solid ${tokens.colorNeutralStroke2}`,
		borderRadius: '4px',
	},
	effect: { display: 'grid', gap: '2px', overflowWrap: 'anywhere', fontSize: '13px', lineHeight: '20px' },
	name: { display: 'flex', flexWrap: 'wrap', gap: '0 8px' },
	mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px' },
	quiet: { color: tokens.colorNeutralForeground2, fontSize: '12px' },
});

interface ModifierEffectsProps {
	point: PointKey;
	selection: Selection;
	/** Whether single objects were chosen, which are not told apart here. */
	chosen: boolean;
	text: string;
}

/** What the modifiers would do to the selected objects, those that fail first. */
export function ModifierEffects({ point, selection, chosen, text }: ModifierEffectsProps) {
	const styles = useStyles();
	const trial = useModifiersTrial(point, selection, text);
	if (trial.error) return <FailureView failure={trial.error} onRetry={() => trial.refetch()} />;
	if (!trial.data) return trial.isFetching ? <Spinner size="tiny" label="Looking at the effect" /> : null;
	const { matched, changed, failed, effects } = trial.data;
	return (
		<div className={styles.root}>
			<div className={styles.head}>
				<strong role="status">
					{matched === 0
						? 'No object of the selection fits a rule.'
						: `Changes ${formatCount(changed)} of ${plural(matched, 'object')} that a rule fits${failed > 0 ? `, ${formatCount(failed)} failed` : ''}.`}
				</strong>
				{trial.isFetching && <Spinner size="extra-tiny" aria-label="Looking again" />}
				{chosen && (
					<span className={styles.quiet}>Of the whole recovery point; the plan tells of the chosen objects.</span>
				)}
			</div>
			{effects.length > 0 && (
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard
				<ul className={styles.list} aria-label="Effects" tabIndex={0}>
					{effects.slice(0, SHOWN).map((effect) => (
						<Effect key={[effect.group, effect.kind, effect.namespace, effect.name].join('/')} effect={effect} />
					))}
					{matched > SHOWN && <li className={styles.quiet}>and {formatCount(matched - SHOWN)} more</li>}
				</ul>
			)}
		</div>
	);
}

function Effect({ effect }: { effect: ModifierEffect }) {
	const styles = useStyles();
	const { kind, namespace, name, changed, failed, notes, changes } = effect;
	return (
		<li className={styles.effect}>
			<span className={styles.name}>
				{failed ? (
					<StatusDot status="failed" />
				) : changed ? (
					<StatusDot status="patch" word="Changed" />
				) : (
					<StatusDot status="identical" word="Not changed" />
				)}
				<span>{kind}</span>
				<span className={styles.mono}>{[namespace, name].filter(Boolean).join('/')}</span>
			</span>
			{notes.map((note) => (
				<span key={note} className={styles.quiet}>
					{note}
				</span>
			))}
			{changes.length > 0 && <FieldChanges changes={changes} pruned={[]} />}
		</li>
	);
}
