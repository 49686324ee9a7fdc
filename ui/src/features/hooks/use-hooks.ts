import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { create } from 'zustand';
import type { HooksLint } from '@/backend/bindings';
import { useBackend } from '@/shared';
import { useDebounced } from '@/shared/use-debounced';

const DEBOUNCE_MS = 300;
const NOTHING: HooksLint = { backup: [], restore: [], hooks: 0, problems: [], advice: [] };

interface Draft {
	text: string;
	write: (text: string) => void;
}

/** The hooks that are being written; they stay while other screens are shown, until the program ends. */
export const useHooksDraft = create<Draft>((set) => ({ text: '', write: (text) => set({ text }) }));

/** What is in hooks and what is wrong with them, once nothing was typed for a moment. */
export function useHooksLint(text: string) {
	const backend = useBackend();
	const asked = useDebounced(text, DEBOUNCE_MS);
	const lint = useQuery({
		queryKey: ['hooks-lint', asked],
		queryFn: () => backend.lintHooks(asked),
		enabled: asked.trim() !== '',
		placeholderData: keepPreviousData,
	});
	return {
		found: (asked.trim() !== '' && lint.data) || NOTHING,
		/** Whether what is found is about the text as it is. */
		current: asked === text && !lint.isPlaceholderData && lint.data !== undefined,
		error: lint.error,
	};
}

export function useHookTemplates() {
	const backend = useBackend();
	return useQuery({
		queryKey: ['hook-templates'],
		queryFn: () => backend.hookTemplates(),
		staleTime: Number.POSITIVE_INFINITY,
	});
}
