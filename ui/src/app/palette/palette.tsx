import { Dialog, DialogSurface, makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Keys } from '../shell/keys';
import { type Entry, useEntries } from './entries';
import { fuzzyScore } from './fuzzy';

/** Entries shown; more letters find the others. */
const SHOWN = 50;

const useStyles = makeStyles({
	surface: { padding: 0, maxWidth: '640px', alignSelf: 'start', marginTop: '12vh', overflow: 'hidden' },
	input: {
		width: '100%',
		boxSizing: 'border-box',
		padding: '14px 16px',
		border: 'none',
		borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
		outlineStyle: 'none',
		fontFamily: 'inherit',
		fontSize: '16px',
		color: tokens.colorNeutralForeground1,
		backgroundColor: 'transparent',
		'::placeholder': { color: tokens.colorNeutralForeground3 },
	},
	list: { height: '352px', overflowY: 'auto', padding: '4px', fontSize: '13px' },
	entry: {
		display: 'grid',
		// Room for two keys, so that all groups end at the same place.
		gridTemplateColumns: 'minmax(0, 1fr) max-content minmax(72px, max-content)',
		alignItems: 'center',
		gap: '12px',
		height: '32px',
		padding: '0 12px',
		borderRadius: '4px',
		cursor: 'pointer',
	},
	active: {
		backgroundColor: tokens.colorNeutralBackground1Selected,
		boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`,
	},
	text: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
	quiet: { color: tokens.colorNeutralForeground3, fontSize: '12px' },
	none: { padding: '12px' },
});

function found(entries: Entry[], query: string): Entry[] {
	if (query.trim() === '') return entries.filter((entry) => entry.group === 'Action' || entry.group === 'Cluster');
	return entries
		.map((entry) => ({ entry, score: fuzzyScore(query, entry.text) }))
		.filter((each): each is { entry: Entry; score: number } => each.score !== undefined)
		.sort((a, b) => b.score - a.score)
		.map(({ entry }) => entry);
}

/** Finds and does everything by keyboard. */
export function Palette({ onClose }: { onClose: () => void }) {
	const styles = useStyles();
	const id = useId();
	const list = useRef<HTMLDivElement>(null);
	const entries = useEntries();
	const [query, setQuery] = useState('');
	const [active, setActive] = useState(0);
	const shown = found(entries, query).slice(0, SHOWN);
	const at = Math.min(active, Math.max(0, shown.length - 1));
	useEffect(() => {
		list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
	}, [at]);
	const run = (entry: Entry | undefined) => {
		if (!entry) return;
		onClose();
		entry.run();
	};
	const keys = (event: KeyboardEvent) => {
		const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
		const step = steps[event.key];
		if (step !== undefined) setActive(Math.max(0, Math.min(shown.length - 1, at + step)));
		else if (event.key === 'Enter') run(shown[at]);
		else return;
		event.preventDefault();
	};
	return (
		<Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
			<DialogSurface className={styles.surface} aria-label="Search or run a command">
				<input
					autoFocus
					className={styles.input}
					role="combobox"
					aria-expanded="true"
					aria-controls={`${id}list`}
					aria-activedescendant={shown[at] ? `${id}${at}` : undefined}
					aria-label="Search or run a command"
					placeholder="Screens, actions, clusters, recovery points, jobs"
					spellCheck={false}
					autoComplete="off"
					value={query}
					onChange={(event) => {
						setQuery(event.target.value);
						setActive(0);
					}}
					onKeyDown={keys}
				/>
				<div ref={list} id={`${id}list`} role="listbox" aria-label="Found" className={styles.list}>
					{shown.map((entry, index) => (
						// biome-ignore lint/a11y/useKeyWithClickEvents: the field above handles the keys
						<div
							key={entry.id}
							id={`${id}${index}`}
							role="option"
							aria-selected={index === at}
							className={mergeClasses(styles.entry, index === at && styles.active)}
							onClick={() => run(entry)}
							onPointerMove={() => setActive(index)}
						>
							<span className={styles.text} title={entry.text}>
								{entry.text}
							</span>
							<span className={styles.quiet}>{entry.note ? `${entry.group} · ${entry.note}` : entry.group}</span>
							{entry.keys ? <Keys keys={entry.keys} /> : <span />}
						</div>
					))}
				</div>
				{shown.length === 0 && <div className={styles.none}>Nothing is called like that.</div>}
			</DialogSurface>
		</Dialog>
	);
}
