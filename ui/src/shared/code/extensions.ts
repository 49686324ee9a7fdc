import { defaultKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { codeFolding, foldGutter, foldKeymap } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { codeTheme } from './theme';

/** The words of the search panel, in the case of all other buttons. */
const PHRASES = {
	next: 'Next',
	previous: 'Previous',
	all: 'Select all',
	'match case': 'Match case',
	regexp: 'Regular expression',
	'by word': 'Whole words',
	close: 'Close',
};

/** A text that can be read, searched and copied, and never changed; `label` names it for screen readers. */
export function readOnly(label: string): Extension {
	return [
		EditorState.readOnly.of(true),
		EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': 'true' }),
		lineNumbers(),
		drawSelection({ cursorBlinkRate: 0 }),
		highlightActiveLine(),
		highlightSelectionMatches(),
		search({ top: true }),
		EditorState.phrases.of(PHRASES),
		keymap.of([...searchKeymap, ...defaultKeymap]),
		codeTheme,
	];
}

/** A manifest: keys stand out, and blocks can be folded. */
export function readOnlyYaml(label: string): Extension {
	return [readOnly(label), codeFolding({ placeholderText: '…' }), foldGutter(), keymap.of(foldKeymap), yaml()];
}
