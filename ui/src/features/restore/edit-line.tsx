import { Button } from '@fluentui/react-components';
import type { RestoreRequest } from '@/backend/bindings';
import { formatCount, plural } from '@/shared';
import { editCounts } from './edits';

/** How much of a plan was decided on by itself, and the way back. */
export function EditLine({ request, onReset }: { request: RestoreRequest; onReset: (() => void) | undefined }) {
	const { leftOut, own, kinds } = editCounts(request);
	const parts: string[] = [];
	if (leftOut > 0) parts.push(`${plural(leftOut, 'object')} left out`);
	if (own > 0)
		parts.push(
			`${parts.length > 0 ? formatCount(own) : plural(own, 'object')} with a policy of ${own === 1 ? 'its' : 'their'} own`,
		);
	if (kinds > 0) parts.push(`${plural(kinds, 'kind')} with a policy of ${kinds === 1 ? 'its' : 'their'} own`);
	if (parts.length === 0) return null;
	return (
		<div style={{ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px', padding: '0 24px 8px' }}>
			<span role="status">{parts.join(', ')}</span>
			{onReset && (
				<Button size="small" title="Plans all objects by the rules of step 3" onClick={onReset}>
					Reset
				</Button>
			)}
		</div>
	);
}
