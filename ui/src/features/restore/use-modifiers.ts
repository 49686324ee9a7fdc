import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import type { ModifiersLint, PointKey, Selection } from '@/backend/bindings';
import { newRequestId, useBackend } from '@/shared';
import { useDebounced } from '@/shared/use-debounced';

const DEBOUNCE_MS = 300;
const NOTHING: ModifiersLint = { rules: 0, problem: '', line: 0, column: 0 };

/** What is wrong with resource modifiers, once nothing was typed for a moment. */
export function useModifiersLint(text: string) {
	const backend = useBackend();
	const asked = useDebounced(text, DEBOUNCE_MS);
	const lint = useQuery({
		queryKey: ['modifiers-lint', asked],
		queryFn: () => backend.lintModifiers(asked),
		enabled: asked.trim() !== '',
		placeholderData: keepPreviousData,
	});
	const valid = useRef('');
	const found = (asked.trim() !== '' && lint.data) || NOTHING;
	if (!lint.isPlaceholderData && found.problem === '' && (asked.trim() === '' || lint.data)) valid.current = asked;
	return {
		found,
		/** Whether it was looked through at all. */
		known: lint.data !== undefined,
		/** The newest text with nothing wrong. */
		valid: valid.current,
		error: lint.error,
	};
}

/** What resource modifiers would make of a selection; a newer text stops looking for an older one's. */
export function useModifiersTrial(point: PointKey, selection: Selection, text: string) {
	const backend = useBackend();
	return useQuery({
		queryKey: ['modifiers-trial', point, selection, text],
		queryFn: ({ signal }) => {
			const requestId = newRequestId();
			signal.addEventListener('abort', () => void backend.cancelRequest(requestId));
			return backend.tryModifiers(point, selection, text, requestId);
		},
		enabled: text.trim() !== '',
		placeholderData: keepPreviousData,
	});
}
