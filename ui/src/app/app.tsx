import { FluentProvider } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useMemo } from 'react';
import type { Backend } from '@/backend/backend';
import { createKeptRestore, KeptRestoreProvider } from '@/features/restore/kept-restore';
import { BackendProvider } from '@/shared/backend-context';
import { useSettings } from '@/shared/settings';
import { bridgeEvents } from './event-bridge';
import { createAppRouter } from './router';
import { useLook } from './theme';

/** Everything the screens stand on. `start` is the first address, for tests. */
export function App({ backend, start }: { backend: Backend; start?: string }) {
	const client = useMemo(createClient, []);
	const restore = useMemo(createKeptRestore, []);
	const router = useMemo(() => createAppRouter(start), [start]);
	useEffect(() => bridgeEvents(backend, client), [backend, client]);
	return (
		<BackendProvider value={backend}>
			<QueryClientProvider client={client}>
				<KeptRestoreProvider value={restore}>
					<Themed>
						<RouterProvider router={router} />
					</Themed>
				</KeptRestoreProvider>
			</QueryClientProvider>
		</BackendProvider>
	);
}

function createClient(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			// The engine retries what can be retried and says when data changed.
			queries: { retry: false, staleTime: 30_000, networkMode: 'always' },
			mutations: { retry: false, networkMode: 'always' },
		},
	});
}

function Themed({ children }: { children: React.ReactNode }) {
	const { appearance } = useSettings();
	const { theme, scheme } = useLook(appearance);
	useEffect(() => {
		document.documentElement.style.colorScheme = scheme;
	}, [scheme]);
	return <FluentProvider theme={theme}>{children}</FluentProvider>;
}
