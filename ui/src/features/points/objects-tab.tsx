import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ObjectRow, ObjectSort, PointKey } from '@/backend/bindings';
import { EmptyState, FailureView, FilterBox, formatCount, plural } from '@/shared';
import { Splitter, useStoredWidth } from '@/shared/splitter';
import { DataTable } from '@/shared/table';
import { useDebounced } from '@/shared/use-debounced';
import { BESIDE_COLUMNS, OBJECT_COLUMNS, objectKey } from './object-columns';
import { ObjectPane } from './object-pane';
import { ObjectTree } from './object-tree';
import { MOST_CHOSEN, restoreAddress, restoreLabel } from './restore-these';
import type { Branch } from './tree-nodes';
import { useObjects, useTree } from './use-objects';

/** Long enough for the next key, short enough to feel like none. */
const DEBOUNCE_MS = 80;
const NONE: ReadonlyMap<string, ObjectRow> = new Map();

const useStyles = makeStyles({
	root: {
		display: 'flex',
		flexGrow: 1,
		minHeight: 0,
		minWidth: 0,
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
	},
	middle: { display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: '240px', minHeight: 0, paddingTop: '8px' },
	found: { color: tokens.colorNeutralForeground2, fontSize: '12px', whiteSpace: 'nowrap' },
});

/** Tree, table and YAML of the objects of a point. */
export function ObjectsTab({ point }: { point: PointKey }) {
	const styles = useStyles();
	const navigate = useNavigate();
	const [text, setText] = useState('');
	const [branch, setBranch] = useState<Branch>({});
	const [sort, setSort] = useState<{ column: ObjectSort; descending: boolean }>({ column: 'kind', descending: false });
	const [shown, setShown] = useState<ObjectRow>();
	// With the rows: those of pages out of sight are forgotten after a while.
	const [picked, setPicked] = useState(NONE);
	const keys = useMemo(() => new Set(picked.keys()), [picked]);
	const [treeWidth, setTreeWidth] = useStoredWidth('tree-width', 208);
	const [paneWidth, setPaneWidth] = useStoredWidth('object-width', 440);
	const asked = useDebounced(text.trim(), DEBOUNCE_MS);
	const objects = useObjects(point, { text: asked, ...branch, sort: sort.column, descending: sort.descending });
	const tree = useTree(point, asked);

	const pick = (wanted: ReadonlySet<string>) => {
		const rows = new Map([...picked].filter(([key]) => wanted.has(key)));
		for (let at = 0; at < objects.source.total && rows.size < wanted.size; at += 1) {
			const row = objects.source.rowAt(at);
			if (row && wanted.has(objectKey(row))) rows.set(objectKey(row), row);
		}
		setPicked(rows);
	};
	const restore = () => navigate({ to: '/restore', search: restoreAddress(point, [...picked.values()], branch) });
	const change = (act: () => void) => {
		setPicked(NONE);
		act();
	};
	const label = restoreLabel(picked.size, branch);
	const tooMany = picked.size > MOST_CHOSEN;
	const total = objects.source.total;
	const of = objects.first?.of ?? 0;

	return (
		<div className={styles.root}>
			<div style={{ width: treeWidth, flexShrink: 0, minHeight: 0 }}>
				<ObjectTree groups={tree.data ?? []} chosen={branch} onChoose={(to) => change(() => setBranch(to))} />
			</div>
			<Splitter label="Width of the tree" width={treeWidth} min={140} max={400} onResize={setTreeWidth} />
			<div className={styles.middle} aria-busy={objects.stale}>
				{objects.error ? (
					<div style={{ padding: '0 16px' }}>
						<FailureView failure={objects.error} onRetry={objects.retry} />
					</div>
				) : (
					<DataTable
						label="Objects"
						columns={shown ? BESIDE_COLUMNS : OBJECT_COLUMNS}
						allColumns={OBJECT_COLUMNS}
						menu="objects"
						rowKey={objectKey}
						source={objects.source}
						loading={objects.loading}
						sort={sort}
						onSort={(to) => change(() => setSort({ ...to, column: to.column as ObjectSort }))}
						activeKey={shown && objectKey(shown)}
						onActivate={setShown}
						onDeactivate={() => setShown(undefined)}
						selection={{ keys, onChange: pick }}
						empty={
							<EmptyState
								title={of === 0 ? 'No objects' : 'No object matches'}
								actions={of > 0 && <Button onClick={() => [setText(''), setBranch({})]}>Show all objects</Button>}
							>
								{of > 0 &&
									'Words such as kind:Deployment, ns:shop, name:web and label:app=web must all hold; -kind:Pod leaves out.'}
							</EmptyState>
						}
						toolbar={
							<>
								<FilterBox
									label="Filter objects"
									placeholder="kind:Deployment ns:shop name:web label:app=web"
									value={text}
									onChange={(to) => change(() => setText(to))}
								/>
								<span className={styles.found} role="status">
									{objects.first &&
										(total === of ? plural(of, 'object') : `${formatCount(total)} of ${plural(of, 'object')}`)}
								</span>
								<span style={{ flexGrow: 1 }} />
								{label && (
									<Button
										size="small"
										disabled={tooMany}
										title={tooMany ? `At most ${plural(MOST_CHOSEN, 'object')} are chosen one by one` : undefined}
										onClick={restore}
									>
										{label}
									</Button>
								)}
							</>
						}
					/>
				)}
			</div>
			{shown && (
				<>
					<Splitter label="Width of the object" width={paneWidth} min={280} max={900} onResize={setPaneWidth} right />
					<div style={{ width: paneWidth, maxWidth: '60%', flexShrink: 0, display: 'flex', minHeight: 0 }}>
						<ObjectPane point={point} row={shown} onClose={() => setShown(undefined)} />
					</div>
				</>
			)}
		</div>
	);
}
