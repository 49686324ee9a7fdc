import { Button, Tab, TabList } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { PointRow } from '@/backend/bindings';
import { FailureView, formatBytes, plural, RelativeTime, Screen, StatusDot, useBackend } from '@/shared';
import { About } from './about';
import { DeletePoint, undeletable } from './delete-point';
import { ObjectsTab } from './objects-tab';
import { PointLog } from './point-log';
import { useRoutePoint } from './use-route-point';
import { VolumesTab } from './volumes/volumes-tab';
import { Warnings } from './warnings';

const PARTS = ['objects', 'volumes', 'warnings', 'log', 'about'] as const;
type Part = (typeof PARTS)[number];

function Lead({ row }: { row: PointRow }) {
	return (
		<span style={{ display: 'inline-flex', flexWrap: 'wrap', gap: '4px 12px' }}>
			<StatusDot status={row.state} />
			<span>{plural(row.objects, 'object')}</span>
			{row.snapshots !== undefined && row.snapshots > 0 && <span>{plural(row.snapshots, 'volume snapshot')}</span>}
			<span>{formatBytes(row.archiveBytes)}</span>
			<span>
				{row.cluster || 'unknown cluster'} {row.clusterVersion}
			</span>
			{row.started && <RelativeTime time={row.started} />}
			{row.foreign && <span>written by another program, read-only</span>}
		</span>
	);
}

/** One recovery point: its objects, what is missing, its log, and what is known of it. */
export function PointScreen() {
	const backend = useBackend();
	const navigate = useNavigate();
	const point = useRoutePoint();
	const { tab, claim } = useSearch({ from: '/points/$vault/$point' });
	const part = PARTS.find((each) => each === tab) ?? 'objects';
	const show = (to: Part, shown?: string) =>
		void navigate({
			to: '/points/$vault/$point',
			params: { vault: point.vaultId, point: point.point },
			search: to === 'objects' ? {} : { tab: to, ...(shown && { claim: shown }) },
			replace: true,
		});
	const [deleting, setDeleting] = useState(false);
	const details = useQuery({
		queryKey: ['point', point.vaultId, point.point],
		queryFn: () => backend.point(point),
	});
	const row = details.data?.row;
	const warnings = details.data?.warnings ?? [];
	const restore = () => navigate({ to: '/restore', search: { vault: point.vaultId, point: point.point } });
	const actions = row && (
		<>
			<Button appearance="primary" onClick={restore}>
				Restore…
			</Button>
			<Button disabled={undeletable(row) !== undefined} title={undeletable(row)} onClick={() => setDeleting(true)}>
				Delete…
			</Button>
		</>
	);
	return (
		<Screen
			title={point.point}
			crumbs={[{ text: 'Recovery points', to: '/points' }, { text: point.point }]}
			lead={row ? <Lead row={row} /> : ''}
			actions={actions}
		>
			{details.error ? (
				<div style={{ padding: '0 24px' }}>
					<FailureView failure={details.error} onRetry={() => details.refetch()} />
				</div>
			) : (
				<>
					<TabList
						size="small"
						selectedValue={part}
						onTabSelect={(_, data) => show(data.value as Part)}
						style={{ padding: '0 16px 8px' }}
					>
						<Tab value="objects">Objects</Tab>
						<Tab value="volumes">Volumes</Tab>
						<Tab value="warnings">{warnings.length > 0 ? `Warnings ${warnings.length}` : 'Warnings'}</Tab>
						<Tab value="log">Log</Tab>
						<Tab value="about">About</Tab>
					</TabList>
					{part === 'objects' && <ObjectsTab point={point} />}
					{part === 'volumes' && <VolumesTab point={point} claim={claim} onClaim={(shown) => show('volumes', shown)} />}
					{part === 'warnings' && details.data && <Warnings point={point} warnings={warnings} />}
					{part === 'log' && <PointLog point={point} />}
					{part === 'about' && details.data && <About details={details.data} />}
				</>
			)}
			{deleting && row && (
				<DeletePoint row={row} onClose={() => setDeleting(false)} onStarted={() => navigate({ to: '/points' })} />
			)}
		</Screen>
	);
}
