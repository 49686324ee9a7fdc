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

/** Words that begin a sentence and name nothing. A noun counts with the one behind it only: a cluster may be `recovery`. */
const PLAIN =
	/^(an?|another|cannot|counting|it|no|not|nothing|only|packing|planning|reading|signing|the|there|these|this|writing|read the|recovery point|namespace mapping)\s/;

/** A message as a sentence of its own. One that begins with a name stays: names are case-sensitive. */
export function headline(message: string): string {
	return PLAIN.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}
