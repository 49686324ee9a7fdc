import { Checkbox, Field, Input } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import type { ObjectQuery, PointKey, Selection } from '@/backend/bindings';
import { ClusterScopedField, FailureView, formatCount, plural, useBackend } from '@/shared';
import { ChosenObjects } from './chosen-objects';
import type { Draft } from './draft';
import { matched } from './matched';
import { MultiPick } from './multi-pick';
import { PointPick } from './point-pick';

function useMatched(point: PointKey | undefined, selection: Selection) {
	const backend = useBackend();
	const key = ['point', point?.vaultId, point?.point];
	const enabled = point !== undefined;
	const asked = point ?? { vaultId: '', point: '' };
	const details = useQuery({ queryKey: key, queryFn: () => backend.point(asked), enabled });
	const query: ObjectQuery = { point: asked, text: '', sort: 'kind', descending: false, offset: 0, limit: 1 };
	const tree = useQuery({ queryKey: [...key, 'tree', ''], queryFn: () => backend.pointTree(query), enabled });
	const objects = details.data && tree.data && matched(tree.data, selection, details.data);
	return { details, objects };
}

interface StepWhatProps {
	draft: Draft;
	onChange: (change: Partial<Draft>) => void;
}

/** The recovery point, and what of it. */
export function StepWhat({ draft, onChange }: StepWhatProps) {
	const { point, selection, objects: chosen } = draft;
	const { details, objects } = useMatched(point, selection);
	const set = (change: Partial<Selection>) => onChange({ selection: { ...selection, ...change } });
	const namespaces = (details.data?.namespaces ?? []).filter(([name]) => name !== '');
	const kinds = (details.data?.kinds ?? []).filter((kind) => kind.namespaced);
	return (
		<div
			style={{
				display: 'grid',
				gap: 12,
				gridTemplateColumns: 'repeat(auto-fit, minmax(300px, 1fr))',
				maxWidth: 960,
				alignItems: 'start',
			}}
		>
			<div style={{ gridColumn: '1 / -1' }}>
				<PointPick
					point={point}
					onChange={(to) =>
						onChange({
							point: to,
							selection: { ...selection, includeNamespaces: [], includeResources: [] },
							exclusions: [],
							policies: [],
							mappings: [],
						})
					}
				/>
			</div>
			{details.error && (
				<div style={{ gridColumn: '1 / -1' }}>
					<FailureView failure={details.error} onRetry={() => details.refetch()} />
				</div>
			)}
			{chosen.length > 0 ? (
				<div style={{ gridColumn: '1 / -1' }}>
					<ChosenObjects objects={chosen} onChange={(to) => onChange({ objects: to })} />
				</div>
			) : (
				<>
					<MultiPick
						label="Namespaces"
						all="All namespaces"
						hint="Patterns such as team-* can be typed."
						options={namespaces.map(([value, count]) => ({ value, text: `${value} (${formatCount(count)})` }))}
						chosen={selection.includeNamespaces}
						onChange={(includeNamespaces) => set({ includeNamespaces })}
					/>
					<MultiPick
						label="Kinds"
						all="All kinds"
						hint="Such as deployments.apps or *.cert-manager.io."
						options={kinds.map(({ resource, kind, objects: count }) => ({
							value: resource,
							text: `${kind} (${formatCount(count)})`,
						}))}
						chosen={selection.includeResources}
						onChange={(includeResources) => set({ includeResources })}
					/>
					<Field label="Label selector" hint="As for kubectl -l: app=web,tier!=cache">
						<Input
							spellCheck={false}
							placeholder="All labels"
							value={selection.labelSelector}
							onChange={(_, data) => set({ labelSelector: data.value })}
						/>
					</Field>
					<ClusterScopedField
						value={selection.clusterScoped}
						onChange={(clusterScoped) => set({ clusterScoped })}
						auto="Those that the selected objects refer to"
					/>
					<Checkbox
						label="Include Secrets"
						checked={!selection.excludeSecrets}
						onChange={(_, data) => set({ excludeSecrets: data.checked !== true })}
					/>
					<div style={{ gridColumn: '1 / -1', fontWeight: 600 }} role="status">
						{objects !== undefined && `Takes ${plural(objects, 'namespaced object')}.`}
						{point && details.data && objects === undefined && 'The plan will tell how many objects this takes.'}
					</div>
				</>
			)}
		</div>
	);
}
