import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import type { Attention, AttentionKind } from '@/backend/bindings';
import { MiddleText, RelativeTime, type Status, StatusDot } from '@/shared';

const STATUS: Record<AttentionKind, Status> = {
	neverBackedUp: 'unprotected',
	lastPartial: 'partial',
	lastFailed: 'failed',
	vaultFailing: 'unusable',
	pointUnreadable: 'unreadable',
	kubeconfigBroken: 'failed',
	fileReset: 'partial',
};

const useStyles = makeStyles({
	root: { margin: 0, padding: 0, listStyleType: 'none', fontSize: '13px', lineHeight: '20px' },
	item: {
		display: 'grid',
		gridTemplateColumns: '12px minmax(96px, 180px) minmax(0, 1fr) max-content max-content',
		columnGap: '12px',
		alignItems: 'center',
		minHeight: '36px',
		padding: '2px 8px',
		borderBottom: `1px solid ${tokens.colorNeutralStroke3}`,
	},
	subject: { fontWeight: 600, minWidth: 0 },
	time: { color: tokens.colorNeutralForeground3, fontSize: '12px' },
	actions: { display: 'flex', gap: '4px', justifyContent: 'flex-end', minWidth: '110px' },
});

/** What is not well, most pressing first, each with what can be done about it. */
export function AttentionList({ items }: { items: Attention[] }) {
	const styles = useStyles();
	return (
		<ul className={styles.root}>
			{items.map((item) => (
				<li key={`${item.kind}/${item.subject}/${item.point}/${item.jobId}`} className={styles.item}>
					<StatusDot status={STATUS[item.kind]} word="" />
					<span className={styles.subject}>
						<MiddleText text={item.subject} />
					</span>
					<span>{item.message}</span>
					<span className={styles.time}>{item.time && <RelativeTime time={item.time} />}</span>
					<span className={styles.actions}>
						<Act item={item} />
					</span>
				</li>
			))}
		</ul>
	);
}

function Act({ item }: { item: Attention }) {
	const navigate = useNavigate();
	const { kind, clusterId, vaultId, jobId, point } = item;
	if (kind === 'neverBackedUp' && clusterId) {
		return (
			<Button
				size="small"
				onClick={() => void navigate({ to: '/clusters/$id', params: { id: clusterId }, search: { do: 'backup' } })}
			>
				Back up now
			</Button>
		);
	}
	let see: (() => unknown) | undefined;
	if (kind === 'kubeconfigBroken') see = () => navigate({ to: '/settings' });
	else if (jobId && vaultId) see = () => navigate({ to: '/jobs', search: { vault: vaultId, job: jobId } });
	else if (kind === 'pointUnreadable') see = () => navigate({ to: '/points' });
	else if (point && vaultId) {
		const search = kind === 'lastPartial' ? { tab: 'warnings' } : {};
		see = () => navigate({ to: '/points/$vault/$point', params: { vault: vaultId, point }, search });
	} else if (vaultId) see = () => navigate({ to: '/vaults', search: { vault: vaultId } });
	else if (clusterId) see = () => navigate({ to: '/clusters/$id', params: { id: clusterId } });
	if (!see) return null;
	const words = kind === 'kubeconfigBroken' ? 'Settings' : 'See';
	return (
		<Button size="small" aria-label={`${words} ${item.subject}`} onClick={see}>
			{words}
		</Button>
	);
}
