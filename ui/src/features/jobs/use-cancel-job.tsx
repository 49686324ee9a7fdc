import {
	Button,
	Dialog,
	DialogActions,
	DialogBody,
	DialogContent,
	DialogSurface,
	DialogTitle,
} from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { JobRow } from '@/backend/bindings';
import { FailureView, useBackend } from '@/shared';
import { jobTitle, kindWord } from './job-words';

const CONSEQUENCE: Record<JobRow['kind'], string> = {
	backup: 'No recovery point will be kept of it. The cluster is only read, so nothing has to be undone.',
	restore: 'What was written stays. Restoring again goes on where this one stopped.',
	delete: 'What was deleted stays deleted. Deleting again finishes it.',
	undo: 'What was undone stays undone. Undoing again goes on where this one stopped.',
	other: 'It stops at the next safe moment.',
};

/** Asks before a job is cancelled. Render `dialog` somewhere; call `ask` to open it. */
export function useCancelJob() {
	const backend = useBackend();
	const [job, setJob] = useState<JobRow>();
	const close = () => {
		setJob(undefined);
		cancel.reset();
	};
	const cancel = useMutation({
		mutationFn: ({ vaultId, id }: JobRow) => backend.cancelJob(vaultId, id),
		onSuccess: close,
	});
	const dialog = job && (
		<Dialog open modalType="alert" onOpenChange={(_, data) => !data.open && close()}>
			<DialogSurface>
				<DialogBody>
					<DialogTitle>Cancel this {kindWord(job.kind)}?</DialogTitle>
					<DialogContent>
						<p style={{ marginTop: 0 }}>{jobTitle(job)} is running.</p>
						<p>{CONSEQUENCE[job.kind]}</p>
						{cancel.error && <FailureView failure={cancel.error} />}
					</DialogContent>
					<DialogActions>
						<Button onClick={close}>Keep it running</Button>
						<Button appearance="primary" disabled={cancel.isPending} onClick={() => cancel.mutate(job)}>
							Cancel {kindWord(job.kind)}
						</Button>
					</DialogActions>
				</DialogBody>
			</DialogSurface>
		</Dialog>
	);
	return { ask: setJob, dialog };
}
