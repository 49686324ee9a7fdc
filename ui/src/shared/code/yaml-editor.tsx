import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, StateEffect, StateField, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { makeStyles, tokens } from '@fluentui/react-components';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { codeTheme } from './theme';

const useStyles = makeStyles({
	root: {
		height: '280px',
		resize: 'vertical',
		overflow: 'hidden',
		border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
		borderRadius: '4px',
		'& .cm-problem': {
			backgroundColor: tokens.colorStatusDangerBackground1,
			boxShadow: `inset 3px 0 0 ${tokens.colorStatusDangerBorder2}`,
		},
		'& .cm-advice': {
			backgroundColor: tokens.colorStatusWarningBackground1,
			boxShadow: `inset 3px 0 0 ${tokens.colorStatusWarningBorder2}`,
		},
	},
});

/** A place in a text, counted from 1. */
export interface Place {
	line: number;
	column: number;
}

export interface YamlEditorHandle {
	/** Puts the cursor there. */
	goTo: (place: Place) => void;
}

/** Lines, counted from 1. */
interface Marks {
	wrong: readonly number[];
	doubtful: readonly number[];
}

const setMarks = StateEffect.define<Marks>();

/** One mark for each line, that of what is wrong before that of what is doubtful. */
function decorations({ wrong, doubtful }: Marks, doc: Text): DecorationSet {
	const classes = new Map<number, string>();
	for (const line of doubtful) classes.set(line, 'cm-advice');
	for (const line of wrong) classes.set(line, 'cm-problem');
	const known = [...classes].filter(([line]) => line >= 1 && line <= doc.lines).sort(([a], [b]) => a - b);
	return Decoration.set(known.map(([line, name]) => Decoration.line({ class: name }).range(doc.line(line).from)));
}

/** The lines that something is to be said of. They move with the text until the next word about it. */
const markedLines = StateField.define<DecorationSet>({
	create: () => Decoration.none,
	update(marks, change) {
		let next = marks.map(change.changes);
		for (const effect of change.effects) {
			if (effect.is(setMarks)) next = decorations(effect.value, change.state.doc);
		}
		return next;
	},
	provide: (field) => EditorView.decorations.from(field),
});

// Tab leads on to the next control, as everywhere; Ctrl+] indents.
function editable(label: string, describedBy: string | undefined): Extension {
	return [
		EditorView.contentAttributes.of({
			'aria-label': label,
			// It can be reached as it is; this says so to whoever judges the scrolling around it.
			tabindex: '0',
			spellcheck: 'false',
			...(describedBy ? { 'aria-describedby': describedBy } : {}),
		}),
		lineNumbers(),
		history(),
		drawSelection(),
		highlightSelectionMatches(),
		search({ top: true }),
		EditorState.tabSize.of(2),
		keymap.of([...historyKeymap, ...searchKeymap, ...defaultKeymap]),
		markedLines,
		yaml(),
		codeTheme,
	];
}

const NONE: readonly number[] = [];

interface YamlEditorProps {
	ref?: Ref<YamlEditorHandle>;
	value: string;
	onChange: (text: string) => void;
	/** What the text is, for screen readers. */
	label: string;
	/** Id of the element that says what is wrong with it. */
	describedBy?: string;
	/** The lines that are wrong. */
	wrong: readonly number[];
	/** The lines that are allowed, and hardly meant. */
	doubtful?: readonly number[];
	/** Height before it is resized, in pixels. */
	height?: number;
}

/** YAML to write. */
export function YamlEditor(props: YamlEditorProps) {
	const { ref, value, onChange, label, describedBy, wrong, doubtful = NONE, height } = props;
	const styles = useStyles();
	const parent = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView>(undefined);
	const latest = useRef({ value, onChange });
	latest.current = { value, onChange };

	useEffect(() => {
		if (!parent.current) return;
		const told = EditorView.updateListener.of((update) => {
			if (update.docChanged) latest.current.onChange(update.state.doc.toString());
		});
		const made = new EditorView({
			parent: parent.current,
			state: EditorState.create({ doc: latest.current.value, extensions: [editable(label, describedBy), told] }),
		});
		view.current = made;
		return () => made.destroy();
	}, [label, describedBy]);
	useEffect(() => {
		const state = view.current?.state;
		if (!state || state.doc.toString() === value) return;
		view.current?.dispatch({ changes: { from: 0, to: state.doc.length, insert: value } });
	}, [value]);
	// By their numbers: a new array is no news.
	const marks = JSON.stringify({ wrong, doubtful });
	useEffect(() => view.current?.dispatch({ effects: setMarks.of(JSON.parse(marks)) }), [marks]);
	useImperativeHandle(ref, () => ({
		goTo({ line, column }) {
			const made = view.current;
			if (!made) return;
			const at = made.state.doc.line(Math.max(1, Math.min(line, made.state.doc.lines)));
			const anchor = Math.min(at.to, at.from + Math.max(0, column - 1));
			made.dispatch({ selection: { anchor }, scrollIntoView: true });
			made.focus();
		},
	}));
	return <div ref={parent} className={styles.root} style={height ? { height } : {}} />;
}
