import { Screen } from '@/shared';
import { HooksEditor } from './hooks-editor';

/** Hooks to write, away from any backup. */
export function HooksScreen() {
	return (
		<Screen
			title="Hooks"
			crumbs={[{ text: 'Clusters', to: '/clusters' }, { text: 'Hooks' }]}
			lead="Commands that hold a database still while its volumes are cut, and that wait for it after a restore."
			scroll
		>
			<div style={{ padding: '0 24px 24px' }}>
				<HooksEditor />
			</div>
		</Screen>
	);
}
