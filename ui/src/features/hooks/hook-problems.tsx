import { makeStyles, tokens } from '@fluentui/react-components';
import type { HookProblem } from '@/backend/bindings';
import { StatusDot } from '@/shared';
import type { Place } from '@/shared/code';

const useStyles = makeStyles({
	list: { display: 'grid', gap: '2px', margin: 0, padding: 0, listStyleType: 'none' },
	item: { display: 'grid', gridTemplateColumns: '16px minmax(0, 1fr)', overflowWrap: 'anywhere' },
	field: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px' },
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

interface HookProblemsProps {
	/** What they are, for screen readers. */
	label: string;
	/** Whether they are only advice. */
	advice?: boolean;
	problems: HookProblem[];
	onGoTo: (place: Place) => void;
}

/** What is to be said of a text of hooks, each with its place. */
export function HookProblems({ label, advice = false, problems, onGoTo }: HookProblemsProps) {
	const styles = useStyles();
	if (problems.length === 0) return null;
	return (
		<ul className={styles.list} aria-label={label}>
			{problems.map(({ line, column, field, problem }) => (
				<li key={`${line}:${column} ${field} ${problem}`} className={styles.item}>
					<StatusDot status={advice ? 'partial' : 'failed'} word="" />
					<span>
						<code className={styles.field}>{field}</code> {problem}{' '}
						{line > 0 && (
							<button type="button" className={styles.link} onClick={() => onGoTo({ line, column })}>
								line {line}, column {column}
							</button>
						)}
					</span>
				</li>
			))}
		</ul>
	);
}
