import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { Action, PlanQuery, PlanSummary } from '@/backend/bindings';
import { EmptyState, plural, StatusDot, useBackend, WarningList } from '@/shared';
import type { Draft } from './draft';
import { EditLine } from './edit-line';
import { useEditing } from './editing';
import { Entries } from './entries';
import { PlanEntry } from './plan-entry';
import { Preflight } from './preflight';
import type { Planned } from './use-plan';

const ACTIONS: Action[] = ['create', 'patch', 'recreate', 'identical', 'skip', 'derived', 'blocked', 'unchecked'];

/** Those that are counted only where there are any. */
const RARE: Action[] = ['recreate', 'unchecked'];

/** What is left to do of an earlier restore, as far as actions tell. */
const LEFT: Action[] = ['blocked', 'unchecked', 'recreate', 'patch', 'create'];

interface PlanViewProps {
	planned: Planned;
	draft: Draft;
	/** Whether it is being planned or tried. */
	busy: boolean;
	/** Changes what is filled in; the plan is then outdated. */
	onChange: (change: Partial<Draft>) => void;
	/** Changes single objects, and plans again. */
	onEdit: (draft: Draft) => void;
}

/** Claims that wait for data which is not there, and the way on. */
function BlockedClaims({ id, onChange }: { id: string; onChange: (change: Partial<Draft>) => void }) {
	const backend = useBackend();
	const query: PlanQuery = {
		actions: ['blocked'],
		outcomes: [],
		// Those that are blocked for this reason, which names the way on.
		text: 'kind:PersistentVolumeClaim without-data',
		sort: 'order',
		descending: false,
		offset: 0,
		limit: 1,
	};
	const claims = useQuery({ queryKey: ['plan', id, 'claims'], queryFn: () => backend.planItems(id, query) });
	const total = claims.data?.total ?? 0;
	if (total === 0) return null;
	return (
		<div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px', padding: '0 24px 8px' }}>
			<StatusDot
				status="blocked"
				word={`${plural(total, 'volume claim')} and what needs them: their data is not in the recovery point`}
			/>
			<Button size="small" onClick={() => onChange({ volumeMode: 'withoutData' })}>
				Make them again, empty
			</Button>
		</div>
	);
}

/** What an earlier run did of a restore that is gone on with. */
function EarlierLine({ earlier }: PlanSummary) {
	if (earlier === 0) return null;
	return (
		<div style={{ padding: '0 24px 8px' }} role="status">
			{plural(earlier, 'object')} {earlier === 1 ? 'was' : 'were'} done before and {earlier === 1 ? 'is' : 'are'} not
			written again. What is left is shown; press a count again to see all.
		</div>
	);
}

/** What a restore would do, object by object. */
export function PlanView({ planned, draft, busy, onChange, onEdit }: PlanViewProps) {
	const backend = useBackend();
	const { request, summary, view, retry } = planned;
	const { id, counts, warnings } = summary;
	const edit = useEditing(request, draft, busy, onEdit);
	// What is left of a restore was decided when it was planned; another request would be another restore.
	const editing = retry ? undefined : edit;
	const shown = ACTIONS.filter((action) => !RARE.includes(action) || counts[action] > 0);
	const left = LEFT.filter((action) => counts[action] > 0);
	return (
		<>
			{warnings.length > 0 && (
				<div style={{ padding: '0 24px 8px' }}>
					<WarningList warnings={warnings} />
				</div>
			)}
			{!retry && counts.blocked > 0 && request.volumeMode === 'withData' && (
				<BlockedClaims id={id} onChange={onChange} />
			)}
			<EarlierLine {...summary} />
			<Preflight key={`tried-${id}`} summary={summary} />
			<EditLine
				request={request}
				onReset={retry || busy ? undefined : () => onEdit({ ...draft, exclusions: [], policies: [] })}
			/>
			<Entries
				key={view}
				label="Planned objects"
				queryKey={['plan', id, 'items']}
				fetch={(query) => backend.planItems(id, query)}
				counted={{ by: 'action', counts: shown.map((action) => [action, counts[action]]) }}
				first={retry && summary.earlier > 0 ? left : []}
				editing={editing}
				nothing={
					<EmptyState title="Nothing is selected">
						The selection matches no object of this recovery point. Change step 1 and plan again.
					</EmptyState>
				}
				pane={(row, onClose) => (
					<PlanEntry
						planId={id}
						row={row}
						volumeMode={request.volumeMode}
						editing={editing}
						onChange={retry ? undefined : onChange}
						onClose={onClose}
					/>
				)}
			/>
		</>
	);
}
