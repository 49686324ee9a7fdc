import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
} from '@fluentui/react-components';
import { plural, useBackend } from '@/shared';
import { useTold } from '../event-bridge';

type Answer = 'stay' | 'background' | 'quit';

/** Asks what becomes of running jobs when the window is to be closed. */
export function CloseDialog() {
	const backend = useBackend();
	const closing = useTold((told) => told.closing);
	if (closing === undefined) return null;
	const answer = (choice: Answer) => {
		useTold.setState({ closing: undefined });
		void backend.answerClose(choice);
	};
	const jobs = plural(closing, 'job');
	return (
		<Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && answer('stay')}>
			<DialogSurface>
				<DialogBody>
					<DialogTitle>{closing === 1 ? '1 job is' : `${jobs} are`} still running</DialogTitle>
					<DialogContent>
						In the background {closing === 1 ? 'it goes' : 'they go'} on without a window. What was written by a
						cancelled restore stays; a cancelled backup leaves no recovery point.
					</DialogContent>
					<DialogActions fluid>
						<Button onClick={() => answer('quit')}>Cancel {jobs} and quit</Button>
						<Button onClick={() => answer('stay')}>Stay</Button>
						<Button appearance="primary" onClick={() => answer('background')}>
							Keep running in the background
						</Button>
					</DialogActions>
				</DialogBody>
			</DialogSurface>
		</Dialog>
	);
}
