import type { PointRow } from '@/backend/bindings';
import { plural, RelativeTime } from '@/shared';

/** How many points there are, and which is the newest. */
export function PointsLead({ points }: { points: PointRow[] }) {
	const newest = points.find((point) => point.state !== 'unreadable' && point.started);
	const vaults = new Set(points.map((point) => point.vaultId)).size;
	return (
		<>
			{plural(points.length, 'recovery point')} in {plural(vaults, 'vault')}.
			{newest?.started && (
				<>
					{' '}
					The newest is of {newest.cluster || 'an unknown cluster'}, <RelativeTime time={newest.started} />.
				</>
			)}
		</>
	);
}
