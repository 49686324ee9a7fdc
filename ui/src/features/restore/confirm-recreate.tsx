import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
} from '@fluentui/react-components';
import type { PlanRow } from '@/backend/bindings';
import { formatCount, plural, StatusDot } from '@/shared';
import { DangerButton } from '@/shared/danger-button';
import { mayBeRecreated } from './edits';

interface ConfirmRecreateProps {
	rows: PlanRow[];
	onConfirm: () => void;
	onClose: () => void;
}

/** Asks before objects are to be deleted and created again. Nothing is written before the restore itself. */
export function ConfirmRecreate({ rows, onConfirm, onClose }: ConfirmRecreateProps) {
	const meant = rows.filter(mayBeRecreated);
	const kept = rows.length - meant.length;
	const [only] = meant.length === 1 ? meant : [];
	const what = only ? `${only.kind} ${only.targetName}` : plural(meant.length, 'object');
	return (
		<Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && onClose()}>
			<DialogSurface>
				<DialogBody>
					<DialogTitle>Recreate {what}?</DialogTitle>
					<DialogContent style={{ display: 'grid', gap: 12 }}>
						<div style={{ display: 'flex', gap: 8, alignItems: 'flex-start' }}>
							<StatusDot status="recreate" word="" />
							<span>
								Where {only ? 'it differs, it is' : 'they differ, they are'} deleted in the cluster and created again as
								the recovery point says. What only the cluster has in {only ? 'it' : 'them'} is lost, and what belongs
								to {only ? 'it' : 'them'}, such as running pods, is stopped meanwhile.
							</span>
						</div>
						{kept > 0 && (
							<div>
								{formatCount(kept)} of the marked {kept === 1 ? 'objects is' : 'objects are'} never recreated: data or
								other objects would be deleted with claims, volumes, namespaces and definitions.
							</div>
						)}
						<div>The restore is planned again; nothing is written before you start it.</div>
					</DialogContent>
					<DialogActions>
						<Button onClick={onClose}>Cancel</Button>
						<DangerButton onClick={onConfirm}>Recreate {what}</DangerButton>
					</DialogActions>
				</DialogBody>
			</DialogSurface>
		</Dialog>
	);
}
