import { Button } from '@fluentui/react-components';
import { useState } from 'react';
import { formatCount, StatusDot } from '@/shared';

/** Warnings that are shown at once; a plan may have one for each namespace. */
const SHOWN = 3;

/** What concerns a plan as a whole. However much it is, the plan itself stays in sight. */
export function PlanWarnings({ warnings }: { warnings: string[] }) {
	const [all, setAll] = useState(false);
	if (warnings.length === 0) return null;
	const shown = all ? warnings : warnings.slice(0, SHOWN);
	return (
		<div style={{ padding: '0 24px 8px' }}>
			<div style={{ display: 'grid', gap: 4, maxHeight: 128, overflowY: 'auto' }} tabIndex={all ? 0 : undefined}>
				{shown.map((warning) => (
					<div key={warning} style={{ display: 'flex', alignItems: 'flex-start', gap: 8 }}>
						<StatusDot status="partial" word="" />
						<span>{warning}</span>
					</div>
				))}
			</div>
			{warnings.length > SHOWN && (
				<Button size="small" appearance="subtle" onClick={() => setAll(!all)}>
					{all ? 'Show fewer warnings' : `Show all ${formatCount(warnings.length)} warnings`}
				</Button>
			)}
		</div>
	);
}
