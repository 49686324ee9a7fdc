import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
	Field,
	Input,
} from '@fluentui/react-components';
import { type FormEvent, type ReactNode, useState } from 'react';
import { DangerButton } from './danger-button';

interface ConfirmByNameProps {
	/** Asks what is done, such as `Delete recovery point?`. */
	title: string;
	/** What has to be typed. */
	name: string;
	/** The same verb and object as the title, such as `Delete shop-20261123`. */
	action: string;
	/** Whether it deletes what nothing brings back. */
	danger?: boolean;
	/** What will happen. */
	children: ReactNode;
	onConfirm: () => void;
	onClose: () => void;
}

/** Asks before something that cannot be undone; shown as long as it is rendered. */
export function ConfirmByName({
	title,
	name,
	action,
	danger = false,
	children,
	onConfirm,
	onClose,
}: ConfirmByNameProps) {
	const [typed, setTyped] = useState('');
	const right = typed.trim() === name;
	const Act = danger ? DangerButton : Button;
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (right) onConfirm();
	};
	return (
		<Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
			<DialogSurface>
				<form onSubmit={submit}>
					<DialogBody>
						<DialogTitle>{title}</DialogTitle>
						<DialogContent style={{ display: 'grid', gap: 12 }}>
							<div>{children}</div>
							<Field label={`Type ${name} to confirm`}>
								<Input
									autoFocus
									autoComplete="off"
									spellCheck={false}
									value={typed}
									onChange={(_, data) => setTyped(data.value)}
								/>
							</Field>
						</DialogContent>
						<DialogActions>
							<Button onClick={onClose}>Cancel</Button>
							<Act type="submit" appearance="primary" disabled={!right}>
								{action}
							</Act>
						</DialogActions>
					</DialogBody>
				</form>
			</DialogSurface>
		</Dialog>
	);
}
