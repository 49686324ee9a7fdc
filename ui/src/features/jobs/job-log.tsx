import { Dropdown, Option } from '@fluentui/react-components';
import { useState } from 'react';
import type { JobRow, LogLevel, LogLine } from '@/backend/bindings';
import { AbsoluteTime, EmptyState, FailureView, FilterBox, plural, StatusDot, useBackend } from '@/shared';
import { type Column, DataTable, usePagedRows } from '@/shared/table';
import { useDebounced } from '@/shared/use-debounced';

const LEVELS: Record<LogLevel, string> = {
	info: 'All lines',
	warning: 'Warnings and errors',
	error: 'Errors',
};

const COLUMNS: Column<LogLine>[] = [
	{
		id: 'time',
		header: 'Time',
		width: 150,
		text: (line) => line.time,
		render: (line) => <AbsoluteTime time={line.time} />,
	},
	{
		id: 'level',
		header: 'Level',
		width: 84,
		text: (line) => line.level,
		render: (line) => {
			if (line.level === 'info') return 'Info';
			return line.level === 'error' ? (
				<StatusDot status="failed" word="Error" />
			) : (
				<StatusDot status="partial" word="Warning" />
			);
		},
	},
	{ id: 'text', header: 'Message', width: 400, grow: 1, mono: true, text: (line) => line.text },
];

/** A job's log: searched and filtered by the engine, fetched as it is scrolled. */
export function JobLog({ job }: { job: JobRow }) {
	const backend = useBackend();
	const [text, setText] = useState('');
	const [level, setLevel] = useState<LogLevel>('info');
	const asked = useDebounced(text, 150);
	const { source, first, loading, error, retry } = usePagedRows<LogLine, { total: number; rows: LogLine[] }>(
		['job', job.vaultId, job.id, 'log', asked, level],
		async (offset, limit) => {
			const page = await backend.jobLog(job.vaultId, job.id, { text: asked, level, offset, limit });
			return { total: page.total, rows: page.lines };
		},
	);
	if (error && !first) return <FailureView failure={error} onRetry={retry} />;
	const filtered = asked !== '' || level !== 'info';
	return (
		<DataTable
			label="Log"
			columns={COLUMNS}
			rowKey={(line) => String(line.number)}
			source={source}
			loading={loading}
			empty={<EmptyState title={filtered ? 'No line matches' : 'No line yet'} />}
			toolbar={
				<>
					<FilterBox label="Search the log" placeholder="Search the log" value={text} onChange={setText} />
					<Dropdown
						size="small"
						aria-label="Level"
						style={{ minWidth: 180 }}
						value={LEVELS[level]}
						selectedOptions={[level]}
						onOptionSelect={(_, data) => setLevel((data.optionValue ?? 'info') as LogLevel)}
					>
						{Object.entries(LEVELS).map(([value, words]) => (
							<Option key={value} value={value}>
								{words}
							</Option>
						))}
					</Dropdown>
					<span>{plural(source.total, 'line')}</span>
				</>
			}
		/>
	);
}
