import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tokens } from '@fluentui/react-components';
import { tags } from '@lezer/highlight';

/** Fluent's tokens are CSS variables, so that one theme serves light, dark and high contrast. */
const look = EditorView.theme({
	'&': {
		height: '100%',
		fontSize: '12px',
		color: tokens.colorNeutralForeground1,
		backgroundColor: tokens.colorNeutralBackground1,
	},
	'&.cm-focused': { outline: 'none' },
	'&.cm-focused .cm-scroller': { boxShadow: `inset 0 0 0 2px ${tokens.colorStrokeFocus2}` },
	'.cm-scroller': { fontFamily: tokens.fontFamilyMonospace, lineHeight: '18px', overflow: 'auto' },
	'.cm-content': { caretColor: tokens.colorNeutralForeground1, padding: '4px 0' },
	'.cm-cursor': { borderLeftColor: tokens.colorNeutralForeground1 },
	'.cm-gutters': {
		color: tokens.colorNeutralForeground3,
		backgroundColor: tokens.colorNeutralBackground1,
		borderRight: 'none',
	},
	'.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
	'&.cm-focused .cm-activeLine': { backgroundColor: tokens.colorSubtleBackgroundHover },
	'&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
		backgroundColor: tokens.colorNeutralBackground1Selected,
	},
	'.cm-foldPlaceholder': {
		padding: '0 4px',
		color: tokens.colorNeutralForeground2,
		backgroundColor: tokens.colorNeutralBackground3,
		border: `1px solid ${tokens.colorNeutralStroke1}`,
	},
	'.cm-searchMatch': {
		backgroundColor: tokens.colorPaletteYellowBackground2,
		outline: `1px solid ${tokens.colorPaletteYellowBorderActive}`,
	},
	'.cm-searchMatch.cm-searchMatch-selected': { outlineWidth: '2px' },
	'.cm-panels': {
		color: tokens.colorNeutralForeground1,
		backgroundColor: tokens.colorNeutralBackground3,
		fontFamily: tokens.fontFamilyBase,
	},
	'.cm-panels-top': { borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
	'.cm-panel.cm-search': { padding: '4px 28px 4px 8px' },
	'.cm-panel.cm-search label': { fontSize: '12px', whiteSpace: 'nowrap' },
	'.cm-panel.cm-search [name=close]': { color: tokens.colorNeutralForeground2, fontSize: '16px' },
	'.cm-textfield': {
		color: tokens.colorNeutralForeground1,
		backgroundColor: tokens.colorNeutralBackground1,
		border: `1px solid ${tokens.colorNeutralStrokeAccessible}`,
		borderRadius: '4px',
		fontSize: '12px',
	},
	'.cm-button': {
		color: tokens.colorNeutralForeground1,
		backgroundColor: tokens.colorNeutralBackground1,
		backgroundImage: 'none',
		border: `1px solid ${tokens.colorNeutralStroke1}`,
		borderRadius: '4px',
		fontSize: '12px',
	},
});

/** Keys stand out, values stay text: manifests are read by their keys. */
const colours = HighlightStyle.define([
	{ tag: [tags.propertyName, tags.definition(tags.propertyName)], color: tokens.colorBrandForeground1 },
	{ tag: [tags.number, tags.bool, tags.null, tags.keyword], color: tokens.colorPaletteBerryForeground1 },
	{ tag: [tags.comment, tags.meta, tags.punctuation, tags.separator], color: tokens.colorNeutralForeground3 },
	{ tag: tags.string, color: tokens.colorNeutralForeground1 },
]);

export const codeTheme: Extension = [look, syntaxHighlighting(colours)];
