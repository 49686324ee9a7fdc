import { Dropdown, Field, Option } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { ClusterFailure, FailureView, StatusDot, useBackend, useClusterStatus, useClusters } from '@/shared';
import type { Draft } from './draft';
import { Mappings } from './mappings';

interface StepWhereProps {
	draft: Draft;
	onChange: (change: Partial<Draft>) => void;
}

/** The namespaces that the draft takes, by name. */
function useSourceNamespaces({ point, selection }: Draft): string[] {
	const backend = useBackend();
	const details = useQuery({
		queryKey: ['point', point?.vaultId, point?.point],
		queryFn: () => backend.point(point ?? { vaultId: '', point: '' }),
		enabled: point !== undefined,
	});
	const all = (details.data?.namespaces ?? []).map(([name]) => name).filter(Boolean);
	const exact = selection.includeNamespaces.filter((name) => all.includes(name));
	return exact.length > 0 && exact.length === selection.includeNamespaces.length ? exact : all;
}

/** The cluster, and where namespaces go in it. */
export function StepWhere({ draft, onChange }: StepWhereProps) {
	const { clusterId } = draft;
	const clusters = useClusters();
	const status = useClusterStatus(clusterId);
	const sources = useSourceNamespaces(draft);
	const chosen = clusters.data?.find((each) => each.id === clusterId);
	const failed = status.data?.failure ?? status.error;
	return (
		<div style={{ display: 'grid', gap: 12, maxWidth: 720 }}>
			{clusters.error && <FailureView failure={clusters.error} onRetry={() => clusters.refetch()} />}
			<div style={{ display: 'flex', alignItems: 'flex-end', gap: 12 }}>
				<Field label="Cluster" style={{ flexGrow: 1 }}>
					<Dropdown
						placeholder="Choose a cluster"
						value={chosen?.name ?? clusterId ?? ''}
						selectedOptions={clusterId ? [clusterId] : []}
						onOptionSelect={(_, data) => onChange({ clusterId: data.optionValue })}
					>
						{(clusters.data ?? []).map(({ id, name, server }) => (
							<Option key={id} value={id} text={name}>
								<span>
									{name}
									<span style={{ color: 'var(--colorNeutralForeground3)' }}> {server}</span>
								</span>
							</Option>
						))}
					</Dropdown>
				</Field>
				<span style={{ width: 200, lineHeight: '32px' }}>
					{status.isFetching ? (
						<StatusDot status="checking" />
					) : (
						status.data?.reachable && <StatusDot status="reachable" word={`Reachable, ${status.data.version ?? ''}`} />
					)}
				</span>
			</div>
			{failed && !status.isFetching && <ClusterFailure failure={failed} onRetry={() => status.refetch()} />}
			<Field label="Namespaces that go elsewhere" hint="All others keep their name.">
				<Mappings
					mappings={draft.mappings}
					from={sources}
					to={(status.data?.namespaces ?? []).map(({ name }) => name)}
					onChange={(mappings) => onChange({ mappings })}
				/>
			</Field>
		</div>
	);
}
