import { openSearchPanel } from '@codemirror/search';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { makeStyles } from '@fluentui/react-components';
import { useEffect, useRef } from 'react';
import { useHotkey } from '../hotkeys';
import { readOnly, readOnlyYaml } from './extensions';

const useStyles = makeStyles({ root: { flexGrow: 1, minHeight: 0, minWidth: 0, overflow: 'hidden' } });

/** The last line break would show as a line of its own. */
const withoutEnd = (text: string): string => text.replace(/\n$/, '');

interface YamlViewProps {
	text: string;
	/** Whether it is text without a structure, such as a log. */
	plain?: boolean;
	/** What the text is, for screen readers. */
	label: string;
	wrap?: boolean;
}

/** A manifest to read: folding, search by Ctrl+F, never changed. It fills the flex container that it is in. */
export function YamlView({ text, label, wrap = false, plain = false }: YamlViewProps) {
	const styles = useStyles();
	const parent = useRef<HTMLDivElement>(null);
	const view = useRef<EditorView>(undefined);
	const wrapping = useRef(new Compartment());
	const firstWrap = useRef(wrap);
	firstWrap.current = wrap;

	useEffect(() => {
		if (!parent.current) return;
		const wraps = wrapping.current.of(firstWrap.current ? EditorView.lineWrapping : []);
		const made = new EditorView({
			parent: parent.current,
			state: EditorState.create({
				doc: withoutEnd(text),
				extensions: [plain ? readOnly(label) : readOnlyYaml(label), wraps],
			}),
		});
		view.current = made;
		return () => made.destroy();
	}, [text, label, plain]);
	useEffect(() => {
		const effects = wrapping.current.reconfigure(wrap ? EditorView.lineWrapping : []);
		view.current?.dispatch({ effects });
	}, [wrap]);
	useHotkey('ctrl+f', 'Search in the text', () => {
		if (view.current) openSearchPanel(view.current);
	});

	return <div ref={parent} className={styles.root} />;
}
