import { createContext, useContext } from 'react';
import type { Backend } from '@/backend/backend';

const BackendContext = createContext<Backend | undefined>(undefined);

export const BackendProvider = BackendContext.Provider;

/** The engine, or the in-memory one in its place. */
export function useBackend(): Backend {
	const backend = useContext(BackendContext);
	if (!backend) throw new Error('useBackend is used outside of BackendProvider');
	return backend;
}
