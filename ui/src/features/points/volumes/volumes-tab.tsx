import { Spinner } from '@fluentui/react-components';
import type { PointKey } from '@/backend/bindings';
import { FailureView, usePointVolumes } from '@/shared';
import { VolumesView } from './volumes-view';

interface VolumesTabProps {
	point: PointKey;
	claim: string | undefined;
	onClaim: (claim: string | undefined) => void;
}

/** The volumes of a recovery point. */
export function VolumesTab({ point, claim, onClaim }: VolumesTabProps) {
	const volumes = usePointVolumes(point);
	if (volumes.error) {
		return (
			<div style={{ padding: '0 24px' }}>
				<FailureView failure={volumes.error} onRetry={() => void volumes.refetch()} />
			</div>
		);
	}
	if (!volumes.data) return <Spinner size="small" label="Reading the volumes" />;
	return <VolumesView volumes={volumes.data} claim={claim} onClaim={onClaim} />;
}
