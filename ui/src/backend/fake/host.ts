import type { Event, Failure, FailureCode, JobDetails, Progress } from '../bindings';

/** What the parts of the in-memory backend share: the clock, the events, and the jobs. */
export interface FakeHost {
	now(): Date;
	emit(event: Event): void;
	/** Adds a job, or takes the place of the one with its id, and tells about it. */
	putJob(job: JobDetails): void;
	/** The job with this id, as it was put last. */
	job(id: string): JobDetails | undefined;
	vaultName(id: string): string;
	clusterName(id: string): string;
	/** Why this cluster cannot be worked with, if so. */
	clusterFailure(id: string): Failure | undefined;
	/** Whether this request was cancelled. */
	isCancelled(requestId: string): boolean;
	/** Milliseconds between two steps of long work. */
	step: number;
	/** Vault that cannot be listed; its points are as they were seen last. */
	failingVault?: string;
	/** Without any vault and point, as at the first start. */
	empty: boolean;
}

export function failure(code: FailureCode, message: string, more: Partial<Failure> = {}): Failure {
	return { code, message, guidance: '', retryable: false, ...more };
}

export const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tells how far a request is, step by step; rejects once it is cancelled. */
export async function progress(host: FakeHost, requestId: string, steps: Progress[]): Promise<void> {
	for (const step of steps) {
		if (host.isCancelled(requestId)) throw failure('cancelled', 'cancelled');
		host.emit({ type: 'request', requestId, progress: step });
		await wait(host.step);
	}
	if (host.isCancelled(requestId)) throw failure('cancelled', 'cancelled');
}
