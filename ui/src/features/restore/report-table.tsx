import { Menu, MenuButton, MenuItem, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Outcome, PlanRow, ReportFormat } from '@/backend/bindings';
import { EmptyState, FailureView, useBackend } from '@/shared';
import { Entries } from './entries';
import { EntryPane } from './entry-pane';
import { ModifierNotes } from './modifier-notes';

/** How often the outcomes of a run are read again. */
const LIVE_MS = 500;

const OUTCOMES: Outcome[] = [
	'failed',
	'blocked',
	'deleted',
	'recreated',
	'created',
	'patched',
	'skipped',
	'identical',
	'derived',
	'planned',
];

const FORMATS: [ReportFormat, string][] = [
	['html', 'Page (HTML)'],
	['xlsx', 'Workbook (Excel)'],
	['csv', 'CSV'],
	['json', 'JSON'],
];

const WHOLE = 'The whole report, whatever is filtered';

/** The job in full, kept up to date by its events. */
export function useJob(vaultId: string, jobId: string, enabled = true) {
	const backend = useBackend();
	return useQuery({ queryKey: ['job', vaultId, jobId], queryFn: () => backend.job(vaultId, jobId), enabled });
}

function Exports({ vaultId, jobId }: { vaultId: string; jobId: string }) {
	const backend = useBackend();
	const write = useMutation({ mutationFn: (format: ReportFormat) => backend.exportReport(vaultId, jobId, format) });
	return (
		<>
			{write.data && <span role="status">Written to {write.data}</span>}
			{write.error && <FailureView failure={write.error} />}
			<Menu>
				<MenuTrigger disableButtonEnhancement>
					<MenuButton size="small" title={WHOLE} disabled={write.isPending}>
						Export report
					</MenuButton>
				</MenuTrigger>
				<MenuPopover>
					<MenuList>
						{FORMATS.map(([format, words]) => (
							<MenuItem key={format} onClick={() => write.mutate(format)}>
								{words}
							</MenuItem>
						))}
					</MenuList>
				</MenuPopover>
			</Menu>
		</>
	);
}

function Words({ row }: { row: PlanRow }) {
	if (row.outcome === 'planned') return <>Nothing has happened to it yet.</>;
	return (
		<>
			{row.reason ? <div>{row.reason}</div> : <div>It was done as planned.</div>}
			{row.summary && <div>Changed: {row.summary}</div>}
			{row.modifiers.length > 0 && <ModifierNotes notes={row.modifiers} />}
			{row.pruned.length > 0 && (
				<div>
					Left, because they cannot be changed: <code>{row.pruned.join(', ')}</code>
				</div>
			)}
		</>
	);
}

interface ReportTableProps {
	vaultId: string;
	jobId: string;
	/** Words of a warning, whose objects are shown at first. */
	warning?: string | undefined;
}

/** What happened to each object of a restore, live while it runs; what was not restored stands first. */
export function ReportTable({ vaultId, jobId, warning }: ReportTableProps) {
	const backend = useBackend();
	const client = useQueryClient();
	const job = useJob(vaultId, jobId);
	const state = job.data?.row.state;
	useEffect(() => {
		if (state === undefined) return;
		const refresh = () => void client.invalidateQueries({ queryKey: ['job-items', vaultId, jobId] });
		refresh();
		if (state !== 'running') return;
		const timer = setInterval(refresh, LIVE_MS);
		return () => clearInterval(timer);
	}, [client, vaultId, jobId, state]);
	if (job.error) return <FailureView failure={job.error} onRetry={() => job.refetch()} />;
	const counts = new Map(job.data?.outcomes);
	const shown = OUTCOMES.filter((outcome) => (counts.get(outcome) ?? 0) > 0 || outcome === 'failed');
	return (
		<Entries
			label="Restored objects"
			queryKey={['job-items', vaultId, jobId]}
			fetch={(query) => backend.jobItems(vaultId, jobId, query)}
			counted={{ by: 'outcome', counts: shown.map((outcome) => [outcome, counts.get(outcome) ?? 0]) }}
			warning={warning}
			moving={state === 'running'}
			tools={state !== 'running' && job.data?.hasReport && <Exports vaultId={vaultId} jobId={jobId} />}
			nothing={<EmptyState title="No entries">This report names no object.</EmptyState>}
			pane={(row, onClose) => <EntryPane row={row} done onClose={onClose} words={<Words row={row} />} />}
		/>
	);
}
