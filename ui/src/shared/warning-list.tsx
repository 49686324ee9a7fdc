import { Button } from '@fluentui/react-components';
import { useState } from 'react';
import { formatCount } from './format';
import { StatusDot } from './status-dot';

/** Warnings that are shown at once; there may be one for each namespace or kind. */
const SHOWN = 3;

/** What concerns something as a whole. However much it is, what it is about stays in sight. */
export function WarningList({ warnings }: { warnings: string[] }) {
	const [all, setAll] = useState(false);
	const shown = all ? warnings : warnings.slice(0, SHOWN);
	return (
		<div>
			<div style={{ display: 'grid', gap: 4, maxHeight: 160, overflowY: 'auto' }} tabIndex={all ? 0 : undefined}>
				{shown.map((warning) => (
					<div key={warning} style={{ display: 'flex', alignItems: 'flex-start', gap: 8 }}>
						<StatusDot status="partial" word="" />
						<span style={{ overflowWrap: 'anywhere', minWidth: 0 }}>{warning}</span>
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
