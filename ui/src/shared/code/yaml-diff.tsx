import { MergeView } from '@codemirror/merge';
import { EditorView } from '@codemirror/view';
import { makeStyles, tokens } from '@fluentui/react-components';
import { useEffect, useRef } from 'react';
import { readOnlyYaml } from './extensions';

const useStyles = makeStyles({
	root: {
		display: 'flex',
		flexDirection: 'column',
		minHeight: 0,
		flexGrow: 1,
		'& .cm-mergeView': { flexGrow: 1, minHeight: 0, overflowY: 'auto' },
		'& .cm-mergeViewEditor': { minWidth: 0 },
		'& .cm-mergeViewEditor + .cm-mergeViewEditor': { borderLeft: `1px solid ${tokens.colorNeutralStroke2}` },
		'& .cm-merge-a .cm-changedLine': { backgroundColor: tokens.colorStatusDangerBackground1 },
		'& .cm-merge-b .cm-changedLine': { backgroundColor: tokens.colorStatusSuccessBackground1 },
		'& .cm-merge-a .cm-changedText': {
			background: 'none',
			backgroundColor: tokens.colorStatusDangerBackground2,
			textDecorationLine: 'underline',
		},
		'& .cm-merge-b .cm-changedText': {
			background: 'none',
			backgroundColor: tokens.colorStatusSuccessBackground2,
			textDecorationLine: 'underline',
		},
		'& .cm-merge-a .cm-changedLineGutter': { background: tokens.colorStatusDangerForeground1 },
		'& .cm-merge-b .cm-changedLineGutter': { background: tokens.colorStatusSuccessForeground1 },
		'& .cm-collapsedLines': {
			padding: '2px 8px',
			color: tokens.colorNeutralForeground2,
			background: tokens.colorNeutralBackground3,
		},
	},
	heads: {
		display: 'grid',
		gridTemplateColumns: '1fr 1fr',
		borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
		fontSize: '12px',
		lineHeight: '24px',
		color: tokens.colorNeutralForeground2,
		'& > span': { padding: '0 8px' },
	},
});

/** Lines around a difference that stay in sight. */
const MARGIN = 3;
/** The least number of equal lines worth hiding. */
const HIDE = 5;

interface YamlDiffProps {
	live: string;
	after: string;
	/** Names of the two sides. */
	labels?: [live: string, after: string];
}

/** Two manifests side by side, equal stretches folded away. */
export function YamlDiff({ live, after, labels: [left, right] = ['Live now', 'After'] }: YamlDiffProps) {
	const styles = useStyles();
	const parent = useRef<HTMLDivElement>(null);
	useEffect(() => {
		if (!parent.current) return;
		const made = new MergeView({
			parent: parent.current,
			a: { doc: live, extensions: [readOnlyYaml(left), EditorView.lineWrapping] },
			b: { doc: after, extensions: [readOnlyYaml(right), EditorView.lineWrapping] },
			collapseUnchanged: { margin: MARGIN, minSize: HIDE },
			highlightChanges: true,
			gutter: true,
		});
		return () => made.destroy();
	}, [live, after, left, right]);
	return (
		<div className={styles.root}>
			<div className={styles.heads}>
				<span>{left}</span>
				<span>{right}</span>
			</div>
			<div ref={parent} style={{ display: 'contents' }} />
		</div>
	);
}
