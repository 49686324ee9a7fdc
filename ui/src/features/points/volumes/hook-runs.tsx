import { useState } from 'react';
import type { HookRow } from '@/backend/bindings';
import { formatDuration, MiddleText, StatusDot } from '@/shared';
import { type Column, DataTable } from '@/shared/table';
import { useMediaQuery } from '@/shared/use-media-query';
import { HookPane } from './hook-pane';
import { commandWords, hookKey, PHASES } from './words';

const BESIDE = ['result', 'phase', 'pod', 'duration'];
const result = ({ failure }: HookRow) => (failure ? 'failed' : 'succeeded');

const COLUMNS: Column<HookRow>[] = [
	{
		id: 'result',
		header: 'Result',
		width: 100,
		sortable: true,
		fixed: true,
		text: ({ failure }) => (failure ? `Failed: ${failure}` : 'Succeeded'),
		sortKey: result,
		render: (run) => <StatusDot status={result(run)} />,
	},
	{ id: 'phase', header: 'Phase', width: 116, sortable: true, text: ({ phase }) => PHASES[phase] },
	{
		id: 'pod',
		header: 'Pod',
		width: 150,
		grow: 2,
		sortable: true,
		fixed: true,
		text: ({ namespace, pod }) => `${namespace}/${pod}`,
		render: ({ namespace, pod }) => <MiddleText text={`${namespace}/${pod}`} mono />,
	},
	{
		id: 'container',
		header: 'Container',
		width: 96,
		grow: 1,
		sortable: true,
		text: ({ container }) => container,
		render: ({ container }) => <MiddleText text={container} mono />,
	},
	{
		id: 'hook',
		header: 'Hook',
		width: 140,
		grow: 1,
		sortable: true,
		text: ({ hook }) => hook,
		render: ({ hook }) => <MiddleText text={hook} />,
	},
	{ id: 'command', header: 'Command', width: 150, grow: 3, mono: true, text: ({ command }) => commandWords(command) },
	{
		id: 'duration',
		header: 'Took',
		width: 84,
		align: 'end',
		sortable: true,
		text: ({ durationMs }) => formatDuration(durationMs),
		sortKey: ({ durationMs }) => durationMs,
		export: ({ durationMs }) => durationMs,
		exportHeader: 'Took (ms)',
	},
];

const BESIDE_COLUMNS = COLUMNS.filter(({ id }) => BESIDE.includes(id));

/** The commands that ran in pods around the cut, in their order; each opens with what it wrote. */
export function HookRuns({ hooks }: { hooks: HookRow[] }) {
	const [active, setActive] = useState<string>();
	const wide = useMediaQuery('(min-width: 1700px)');
	const open = hooks.find((run) => hookKey(run) === active);
	const close = () => setActive(undefined);
	return (
		<div style={{ display: 'flex', flexGrow: 1, minHeight: 0, minWidth: 0 }}>
			<DataTable
				label="Hook runs"
				columns={open && !wide ? BESIDE_COLUMNS : COLUMNS}
				allColumns={COLUMNS}
				menu="hook-runs"
				rowKey={hookKey}
				source={{ kind: 'all', rows: hooks }}
				activeKey={open && active}
				onActivate={(run) => setActive(hookKey(run))}
				onDeactivate={close}
				empty="No hook ran"
			/>
			{open && <HookPane run={open} onClose={close} />}
		</div>
	);
}
