import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { Action, PlanQuery } from '@/backend/bindings';
import { EmptyState, plural, StatusDot, useBackend, WarningList } from '@/shared';
import type { Draft } from './draft';
import { Entries } from './entries';
import { PlanEntry } from './plan-entry';
import type { Planned } from './use-plan';

const ACTIONS: Action[] = ['create', 'patch', 'recreate', 'identical', 'skip', 'derived', 'blocked', 'unchecked'];

/** Those that are counted only where there are any. */
const RARE: Action[] = ['recreate', 'unchecked'];

interface PlanViewProps {
	planned: Planned;
	onChange: (change: Partial<Draft>) => void;
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

/** What a restore would do, object by object. */
export function PlanView({ planned: { request, summary }, onChange }: PlanViewProps) {
	const backend = useBackend();
	const { id, counts, warnings } = summary;
	const shown = ACTIONS.filter((action) => !RARE.includes(action) || counts[action] > 0);
	return (
		<>
			{warnings.length > 0 && (
				<div style={{ padding: '0 24px 8px' }}>
					<WarningList warnings={warnings} />
				</div>
			)}
			{counts.blocked > 0 && request.volumeMode === 'withData' && <BlockedClaims id={id} onChange={onChange} />}
			<Entries
				key={id}
				label="Planned objects"
				queryKey={['plan', id, 'items']}
				fetch={(query) => backend.planItems(id, query)}
				counted={{ by: 'action', counts: shown.map((action) => [action, counts[action]]) }}
				nothing={
					<EmptyState title="Nothing is selected">
						The selection matches no object of this recovery point. Change step 1 and plan again.
					</EmptyState>
				}
				pane={(row, onClose) => (
					<PlanEntry planId={id} row={row} volumeMode={request.volumeMode} onChange={onChange} onClose={onClose} />
				)}
			/>
		</>
	);
}
