import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useLayoutEffect } from 'react';
import { useBackend } from '@/shared';
import { followed, type RestoreSearch, sameSearch } from './draft';
import { beginRestore, type Restore, useKeptRestore, useKeptStore } from './kept-restore';

/**
 * The restore of the address: the kept one where that is what the address asks for, else a new one in its place. Where
 * the inputs leave behind what the address asked for, the address follows, so that it leads back to the same restore.
 */
export function useAddressedRestore(): Restore | undefined {
	const search = useSearch({ from: '/restore' });
	const store = useKeptStore();
	const kept = useKeptRestore();
	const navigate = useNavigate();
	const begin = useBegin();
	const ahead = kept && followed(kept.search, kept.draft);
	const asKept = kept !== undefined && sameSearch(kept.search, search);
	const asFilledIn = ahead !== undefined && sameSearch(ahead, search);

	// Before anything is drawn: what another address asked for must not show here.
	useLayoutEffect(() => {
		if (asKept) return;
		if (asFilledIn) store.setState(({ restore }) => ({ restore: restore && { ...restore, search } }));
		else begin(search);
	}, [asKept, asFilledIn, search, store, begin]);
	const target = asKept && !asFilledIn ? JSON.stringify(ahead) : undefined;
	useEffect(() => {
		if (target) void navigate({ to: '/restore', search: JSON.parse(target) as RestoreSearch, replace: true });
	}, [target, navigate]);
	return asKept || asFilledIn ? kept : undefined;
}

/** Begins a restore in the place of the kept one, whose plan is not waited for any more. */
export function useBegin(): (search: RestoreSearch) => void {
	const store = useKeptStore();
	const backend = useBackend();
	return useCallback(
		(search) => {
			const { planning, trying } = store.getState().restore ?? {};
			for (const request of [planning, trying]) if (request) void backend.cancelRequest(request);
			store.setState({ restore: beginRestore(search) });
		},
		[store, backend],
	);
}

/** Changes a restore, whether its screen is shown or not; one that is not kept any more stays as it is. */
export function useUpdate(id: string): (change: Partial<Restore> | ((now: Restore) => Partial<Restore>)) => void {
	const store = useKeptStore();
	return useCallback(
		(change) =>
			store.setState(({ restore }) => {
				if (restore?.id !== id) return {};
				return { restore: { ...restore, ...(typeof change === 'function' ? change(restore) : change) } };
			}),
		[store, id],
	);
}
