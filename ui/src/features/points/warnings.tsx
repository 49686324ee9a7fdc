import { makeStyles, tokens } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import type { PointKey, PointWarning } from '@/backend/bindings';
import { EmptyState, StatusDot } from '@/shared';

const useStyles = makeStyles({
	list: { margin: 0, padding: '0 24px 16px', listStyleType: 'none', overflowY: 'auto', maxWidth: '1000px' },
	item: {
		display: 'grid',
		gridTemplateColumns: '16px minmax(0, 1fr)',
		alignItems: 'start',
		padding: '8px 0',
		borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
		overflowWrap: 'anywhere',
	},
	link: { color: tokens.colorBrandForegroundLink },
	what: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px', fontWeight: 600 },
});

/** What the point does not hold as asked, in full. */
export function Warnings({ point, warnings }: { point: PointKey; warnings: PointWarning[] }) {
	const styles = useStyles();
	if (warnings.length === 0) {
		return (
			<div style={{ paddingLeft: 8 }}>
				<EmptyState title="No warnings">Everything that was asked for is in this recovery point.</EmptyState>
			</div>
		);
	}
	return (
		<ul className={styles.list}>
			{warnings.map(({ resource, namespace, claim, message }) => (
				<li key={`${resource}/${namespace}/${message}`} className={styles.item}>
					<StatusDot status="partial" word="" />
					<div>
						<div className={styles.what}>
							{[resource, namespace && `namespace ${namespace}`].filter(Boolean).join(' in ') || 'The cluster'}
						</div>
						{message}
						{claim && (
							<div>
								<Link
									className={styles.link}
									to="/points/$vault/$point"
									params={{ vault: point.vaultId, point: point.point }}
									search={{ tab: 'volumes', claim: `${namespace}/${claim}` }}
								>
									Show claim {claim}
								</Link>
							</div>
						)}
					</div>
				</li>
			))}
		</ul>
	);
}
