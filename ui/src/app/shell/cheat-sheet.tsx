import {
	Button,
	Dialog,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
	makeStyles,
} from '@fluentui/react-components';
import { DismissRegular } from '@fluentui/react-icons';
import { useHotkeys } from '@/shared/hotkeys';
import { Keys } from './keys';

const useStyles = makeStyles({
	list: {
		display: 'grid',
		gridTemplateColumns: '1fr max-content',
		gap: '8px 24px',
		margin: 0,
		'& dd': { margin: 0, textAlign: 'right' },
	},
});

/** Keys that belong to a part of a screen and are handled there. */
const FIXED: [keys: string, label: string][] = [
	['↑ ↓', 'Walk the rows of a table'],
	['home end', 'First or last row'],
	['enter', 'Open a row'],
	['space', 'Select a row'],
	['esc', 'Close a pane, empty a filter'],
];

/** All keys that do something here. */
export function CheatSheet({ onClose }: { onClose: () => void }) {
	const styles = useStyles();
	const entries = useHotkeys((state) => state.entries);
	const all = [...entries.map(({ keys, label }) => [keys, label] as const), ...FIXED];
	return (
		<Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
			<DialogSurface style={{ maxWidth: 480 }}>
				<DialogBody>
					<DialogTitle
						action={<Button appearance="subtle" aria-label="Close" icon={<DismissRegular />} onClick={onClose} />}
					>
						Keys
					</DialogTitle>
					<DialogContent>
						<dl className={styles.list}>
							{all.map(([keys, label]) => (
								<div key={`${keys}${label}`} style={{ display: 'contents' }}>
									<dt>{label}</dt>
									<dd>
										<Keys keys={keys} />
									</dd>
								</div>
							))}
						</dl>
					</DialogContent>
				</DialogBody>
			</DialogSurface>
		</Dialog>
	);
}
