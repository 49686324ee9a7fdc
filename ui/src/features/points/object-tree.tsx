import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { TreeGroup } from '@/backend/bindings';
import { Count } from '@/shared';
import { type Branch, branchKey, type TreeNode, treeNodes } from './tree-nodes';

const ROW = 28;

const useStyles = makeStyles({
	root: { height: '100%', overflow: 'auto', contain: 'strict' },
	tree: { position: 'relative', fontSize: '13px', lineHeight: '20px' },
	node: {
		position: 'absolute',
		left: 0,
		right: 0,
		top: 0,
		height: `${ROW}px`,
		display: 'flex',
		alignItems: 'center',
		gap: '4px',
		paddingRight: '12px',
		cursor: 'pointer',
		outlineStyle: 'none',
		':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
		':focus-visible': { boxShadow: `inset 0 0 0 2px ${tokens.colorStrokeFocus2}` },
	},
	chosen: {
		backgroundColor: tokens.colorNeutralBackground1Selected,
		boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`,
		'@media (forced-colors: active)': { outline: '2px solid Highlight', outlineOffset: '-2px' },
	},
	twist: { display: 'inline-flex', width: '16px', flexShrink: 0 },
	label: { flexGrow: 1, minWidth: 0, overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
	mono: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px' },
	count: { color: tokens.colorNeutralForeground3, fontSize: '12px' },
});

interface ObjectTreeProps {
	groups: TreeGroup[];
	chosen: Branch;
	onChoose: (branch: Branch) => void;
}

/** Namespaces and their kinds; arrows walk and fold, Enter chooses. */
export function ObjectTree({ groups, chosen, onChoose }: ObjectTreeProps) {
	const styles = useStyles();
	const scroll = useRef<HTMLDivElement>(null);
	const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
	const [focused, setFocused] = useState(0);
	const nodes = treeNodes(groups, opened);
	const home = Math.min(focused, nodes.length - 1);
	const virtual = useVirtualizer({
		count: nodes.length,
		getScrollElement: () => scroll.current,
		estimateSize: () => ROW,
		overscan: 10,
	});

	const fold = (node: TreeNode, open: boolean) => {
		if (node.namespace === undefined || node.level !== 2) return;
		const next = new Set(opened);
		if (open) next.add(node.namespace);
		else next.delete(node.namespace);
		setOpened(next);
	};
	const move = (to: number) => {
		const index = Math.max(0, Math.min(nodes.length - 1, to));
		setFocused(index);
		virtual.scrollToIndex(index);
		requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
	};
	const choose = ({ namespace, resource }: TreeNode) =>
		onChoose({ ...(namespace !== undefined && { namespace }), ...(resource !== undefined && { resource }) });
	const keys = (event: KeyboardEvent) => {
		const node = nodes[home];
		if (!node) return;
		const parent = nodes.findLastIndex((each, at) => at < home && each.level < node.level);
		if (event.key === 'ArrowDown') move(home + 1);
		else if (event.key === 'ArrowUp') move(home - 1);
		else if (event.key === 'Home') move(0);
		else if (event.key === 'End') move(nodes.length - 1);
		else if (event.key === 'ArrowRight') node.open === false ? fold(node, true) : move(home + 1);
		else if (event.key === 'ArrowLeft') node.open && node.level === 2 ? fold(node, false) : move(parent);
		else if (event.key === 'Enter' || event.key === ' ') choose(node);
		else return;
		event.preventDefault();
	};

	return (
		<div ref={scroll} className={styles.root}>
			<div
				role="tree"
				aria-label="Namespaces and kinds"
				tabIndex={-1}
				className={styles.tree}
				style={{ height: virtual.getTotalSize() }}
				onKeyDown={keys}
			>
				{virtual.getVirtualItems().map(({ index, start }) => {
					const node = nodes[index];
					if (!node) return null;
					const here = node.key === branchKey(chosen);
					const Twist = node.open ? ChevronDownRegular : ChevronRightRegular;
					return (
						// biome-ignore lint/a11y/useKeyWithClickEvents: the tree handles the keys of all its nodes
						<div
							key={node.key}
							role="treeitem"
							aria-level={node.level}
							aria-expanded={node.open}
							aria-selected={here}
							aria-posinset={node.position}
							aria-setsize={node.siblings}
							tabIndex={index === home ? 0 : -1}
							data-index={index}
							className={mergeClasses(styles.node, here && styles.chosen)}
							style={{ transform: `translateY(${start}px)`, paddingLeft: 8 + (node.level - 1) * 10 }}
							onClick={() => choose(node)}
							onFocus={() => setFocused(index)}
						>
							{/* biome-ignore lint/a11y/noStaticElementInteractions: arrow keys do the same */}
							{/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
							<span
								className={styles.twist}
								onClick={(event) => {
									if (node.level !== 2) return;
									event.stopPropagation();
									fold(node, !node.open);
								}}
							>
								{node.level === 2 && <Twist fontSize={14} aria-hidden />}
							</span>
							<span
								className={mergeClasses(styles.label, node.level === 2 && node.namespace !== '' && styles.mono)}
								title={node.label}
							>
								{node.label}
							</span>
							<span className={styles.count}>
								<Count value={node.count} />
							</span>
						</div>
					);
				})}
			</div>
		</div>
	);
}
