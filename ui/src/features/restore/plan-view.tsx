import type { Action } from '@/backend/bindings';
import { EmptyState, useBackend, WarningList } from '@/shared';
import type { Draft } from './draft';
import { Entries } from './entries';
import { PlanEntry } from './plan-entry';
import type { Planned } from './use-plan';

const ACTIONS: Action[] = ['create', 'patch', 'identical', 'skip', 'derived', 'blocked', 'unchecked'];

interface PlanViewProps {
	planned: Planned;
	onChange: (change: Partial<Draft>) => void;
}

/** What a restore would do, object by object. */
export function PlanView({ planned: { request, summary }, onChange }: PlanViewProps) {
	const backend = useBackend();
	const { id, counts, warnings } = summary;
	const shown = ACTIONS.filter((action) => action !== 'unchecked' || counts.unchecked > 0);
	return (
		<>
			{warnings.length > 0 && (
				<div style={{ padding: '0 24px 8px' }}>
					<WarningList warnings={warnings} />
				</div>
			)}
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
