import { createContext, useContext } from 'react';
import { createStore, type StoreApi, useStore } from 'zustand';
import type { Failure } from '@/backend/bindings';
import { type Draft, draftOf, type RestoreSearch } from './draft';
import type { Planned } from './use-plan';

/** The steps that can be folded. */
export type Part = 'what' | 'where' | 'rules';

/** A restore from its first input to its report. */
export interface Restore {
	/** Tells it from those before and after it. */
	id: string;
	/** What its address asks for. */
	search: RestoreSearch;
	draft: Draft;
	open: ReadonlySet<Part>;
	/** The request that plans it, while it is under way. */
	planning: string | undefined;
	/** The request that tries the plan with the server, while it is under way. */
	trying: string | undefined;
	/** The newest plan; it stays in sight until the next one is made. */
	planned: Planned | undefined;
	planFailure: Failure | undefined;
	/** Does again what failed, where that is something else than planning what is filled in. */
	again: (() => void) | undefined;
	starting: boolean;
	startFailure: Failure | undefined;
	/** What carries it out, or did. */
	job: { vaultId: string; jobId: string } | undefined;
}

interface Kept {
	restore: Restore | undefined;
}

/** Keeps one restore while other screens are shown. The engine keeps one plan of a window, too. */
export function createKeptRestore(): StoreApi<Kept> {
	return createStore<Kept>(() => ({ restore: undefined }));
}

const KeptRestoreContext = createContext<StoreApi<Kept> | undefined>(undefined);

export const KeptRestoreProvider = KeptRestoreContext.Provider;

export function useKeptStore(): StoreApi<Kept> {
	const store = useContext(KeptRestoreContext);
	if (!store) throw new Error('a restore is used outside of KeptRestoreProvider');
	return store;
}

/** The restore that can be gone back to. */
export function useKeptRestore(): Restore | undefined {
	return useStore(useKeptStore(), ({ restore }) => restore);
}

export function beginRestore(search: RestoreSearch): Restore {
	return {
		id: crypto.randomUUID(),
		search,
		draft: draftOf(search),
		open: new Set<Part>(['what', 'where', 'rules']),
		planning: undefined,
		trying: undefined,
		planned: undefined,
		planFailure: undefined,
		again: undefined,
		starting: false,
		startFailure: undefined,
		job: undefined,
	};
}

/** Whether starting over would lose anything. */
export function isTouched({ search, draft, planning, planned, planFailure, job }: Restore): boolean {
	return (
		Boolean(planning || planned || planFailure || job) || JSON.stringify(draft) !== JSON.stringify(draftOf(search))
	);
}
