import { tokens } from '@fluentui/react-components';
import type { DayCount } from '@/backend/bindings';
import { plural } from '@/shared';

const BAR = 10;
const GAP = 4;
const HEIGHT = 24;

/** Recovery points taken on each of the last seven days; failed backups stand above them in red. */
export function WeekStrip({ days }: { days: DayCount[] }) {
	const most = Math.max(1, ...days.map((day) => day.points + day.failed));
	const points = days.reduce((sum, day) => sum + day.points, 0);
	const failed = days.reduce((sum, day) => sum + day.failed, 0);
	const words = `Last 7 days: ${plural(points, 'recovery point')}${failed > 0 ? `, ${plural(failed, 'failed backup')}` : ''}`;
	return (
		<span style={{ display: 'inline-flex', alignItems: 'center', gap: 8, fontSize: 12 }} title={words}>
			<span style={{ color: tokens.colorNeutralForeground3 }}>last 7 days</span>
			<svg width={days.length * (BAR + GAP)} height={HEIGHT} role="img" aria-label={words}>
				{days.map(({ day, points, failed }, at) => {
					const good = Math.round(((HEIGHT - 2) * points) / most);
					const bad = failed > 0 ? Math.max(3, Math.round(((HEIGHT - 2) * failed) / most)) : 0;
					const x = at * (BAR + GAP);
					return (
						<g key={day}>
							<title>{`${day}: ${plural(points, 'recovery point')}${failed > 0 ? `, ${failed} failed` : ''}`}</title>
							<rect x={x} y={HEIGHT - 1} width={BAR} height={1} fill={tokens.colorNeutralStroke1} />
							<rect x={x} y={HEIGHT - 1 - good} width={BAR} height={good} fill={tokens.colorBrandBackground} />
							<rect
								x={x}
								y={Math.max(0, HEIGHT - 2 - good - bad)}
								width={BAR}
								height={bad}
								fill={tokens.colorStatusDangerForeground1}
							/>
						</g>
					);
				})}
			</svg>
		</span>
	);
}
