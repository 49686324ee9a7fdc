import {
	Link as FluentLink,
	Toast,
	ToastBody,
	Toaster,
	ToastFooter,
	ToastTitle,
	ToastTrigger,
	useId,
	useToastController,
} from '@fluentui/react-components';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { JobRow } from '@/backend/bindings';
import { jobTitle } from '@/features/jobs/running';
import { formatCount, plural, statusWord } from '@/shared';
import { useTold } from '../event-bridge';

const SHOWN_MS = 4_000;
/** Panes and the restore have their buttons at the bottom. */
const ABOVE_BUTTONS = 72;

function words({ objects, failures, warnings }: JobRow): string {
	const parts: string[] = [];
	if (objects > 0) parts.push(plural(objects, 'object'));
	if (failures > 0) parts.push(`${formatCount(failures)} not done`);
	if (warnings > 0) parts.push(plural(warnings, 'warning'));
	return parts.join(', ');
}

const INTENT = { completed: 'success', partial: 'warning', failed: 'error' } as const;

/** Says when a job has ended, with the way to it. What did not go well stays until it is dismissed. */
export function JobToasts() {
	const toasterId = useId('jobs');
	const { dispatchToast } = useToastController(toasterId);
	const navigate = useNavigate();
	const ended = useTold((told) => told.ended);
	useEffect(() => {
		if (ended.length === 0) return;
		useTold.setState({ ended: [] });
		for (const job of ended) {
			const good = job.state === 'completed' || job.state === 'cancelled';
			const open = () => void navigate({ to: '/jobs/$vault/$job', params: { vault: job.vaultId, job: job.id } });
			dispatchToast(
				<Toast>
					<ToastTitle
						action={
							<ToastTrigger>
								<FluentLink>Dismiss</FluentLink>
							</ToastTrigger>
						}
					>
						{jobTitle(job)}: {statusWord(job.state)}
					</ToastTitle>
					<ToastBody>{words(job)}</ToastBody>
					<ToastFooter>
						<ToastTrigger>
							<FluentLink onClick={open}>Open job</FluentLink>
						</ToastTrigger>
					</ToastFooter>
				</Toast>,
				{
					intent: INTENT[job.state as keyof typeof INTENT] ?? 'info',
					timeout: good ? SHOWN_MS : -1,
				},
			);
		}
	}, [ended, dispatchToast, navigate]);
	return <Toaster toasterId={toasterId} position="bottom-end" offset={{ horizontal: 20, vertical: ABOVE_BUTTONS }} />;
}
