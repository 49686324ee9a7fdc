import { useSyncExternalStore } from 'react';

const TICK_MS = 5_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	if (!timer) {
		// React reads again once it has subscribed, so that nobody sees the time of the last tick before a pause.
		now = Date.now();
		timer = setInterval(() => {
			now = Date.now();
			for (const each of listeners) each();
		}, TICK_MS);
	}
	return () => {
		listeners.delete(listener);
		if (listeners.size === 0) {
			clearInterval(timer);
			timer = undefined;
		}
	};
}

const read = (): number => now;

/** The time, in milliseconds since 1970, every five seconds; one timer for all relative times on screen. */
export function useNow(): number {
	return useSyncExternalStore(subscribe, read);
}
