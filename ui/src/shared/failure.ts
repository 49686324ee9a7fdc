import type { Failure } from '@/backend/bindings';

/** What a rejected call says. Anything that is no `Failure` is a fault of the program itself and says so. */
export function asFailure(cause: unknown): Failure {
	if (typeof cause === 'object' && cause !== null && 'code' in cause && 'message' in cause) return cause as Failure;
	const words = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
	return {
		code: 'internal',
		message: 'Something went wrong inside Holdfast.',
		guidance: 'Try again. If it happens again, copy the details and report it.',
		retryable: true,
		details: words,
	};
}
