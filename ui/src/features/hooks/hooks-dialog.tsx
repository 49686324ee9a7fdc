import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
} from '@fluentui/react-components';
import { HooksEditor } from './hooks-editor';
import { useHooksDraft, useHooksLint } from './use-hooks';

interface HooksDialogProps {
	/** The kind of objects that can be named. */
	kind: 'BackupHook' | 'RestoreHook';
	/** Goes by these objects, as `namespace/name`. */
	onUse: (references: string[]) => void;
	onClose: () => void;
}

/** Hooks to write beside what they are for, whose inputs stay. */
export function HooksDialog({ kind, onUse, onClose }: HooksDialogProps) {
	const { found, current } = useHooksLint(useHooksDraft(({ text }) => text));
	const named = kind === 'BackupHook' ? found.backup : found.restore;
	const [first] = named;
	return (
		<Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
			<DialogSurface style={{ maxWidth: 'min(1040px, 94vw)' }}>
				<DialogBody style={{ maxHeight: '90vh' }}>
					<DialogTitle>Write hooks</DialogTitle>
					<DialogContent>
						<HooksEditor />
					</DialogContent>
					<DialogActions>
						<Button onClick={onClose}>Close</Button>
						{first && (
							<Button appearance="primary" disabled={!current} onClick={() => onUse(named)}>
								Name {named.length > 1 ? 'them' : first} in this {kind === 'BackupHook' ? 'backup' : 'restore'}
							</Button>
						)}
					</DialogActions>
				</DialogBody>
			</DialogSurface>
		</Dialog>
	);
}
