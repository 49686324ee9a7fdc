import { create } from 'zustand';
import type { Progress } from '@/backend/bindings';

interface Requests {
	progress: Record<string, Progress>;
	/** How far a request is; kept until it ends. */
	told: (requestId: string, progress: Progress) => void;
	ended: (requestId: string) => void;
}

export const useRequests = create<Requests>((set) => ({
	progress: {},
	told: (requestId, progress) => set((state) => ({ progress: { ...state.progress, [requestId]: progress } })),
	ended: (requestId) =>
		set((state) => {
			const { [requestId]: _, ...rest } = state.progress;
			return { progress: rest };
		}),
}));

/** An identity for a call that can be cancelled. */
export function newRequestId(): string {
	return crypto.randomUUID();
}

/** How far the request is, as its events tell; undefined before the first. */
export function useRequestProgress(requestId: string | undefined): Progress | undefined {
	return useRequests((state) => (requestId ? state.progress[requestId] : undefined));
}
