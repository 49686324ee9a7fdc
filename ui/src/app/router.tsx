import { parseHref } from '@tanstack/history';
import {
	createBrowserHistory,
	createMemoryHistory,
	createRootRoute,
	createRoute,
	createRouter,
	lazyRouteComponent,
} from '@tanstack/react-router';
import { Shell } from './shell/shell';

const root = createRootRoute({ component: Shell });

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Only what is given: absent parameters stay out of the address. */
function given<Key extends string>(search: Record<string, unknown>, ...keys: Key[]): { [key in Key]?: string } {
	const found: { [key in Key]?: string } = {};
	for (const key of keys) {
		const value = text(search[key]);
		if (value !== undefined) found[key] = value;
	}
	return found;
}

const routes = [
	createRoute({
		getParentRoute: () => root,
		path: '/',
		component: lazyRouteComponent(() => import('@/features/overview'), 'OverviewScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/clusters',
		component: lazyRouteComponent(() => import('@/features/clusters'), 'ClustersScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/clusters/$id',
		validateSearch: (search: Record<string, unknown>) => given(search, 'do'),
		component: lazyRouteComponent(() => import('@/features/clusters'), 'ClustersScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/points',
		component: lazyRouteComponent(() => import('@/features/points'), 'PointsScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/points/$vault/$point',
		validateSearch: (search: Record<string, unknown>) => given(search, 'tab', 'claim'),
		component: lazyRouteComponent(() => import('@/features/points'), 'PointScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/restore',
		validateSearch: (search: Record<string, unknown>) =>
			given(search, 'vault', 'point', 'cluster', 'namespaces', 'resources', 'objects'),
		component: lazyRouteComponent(() => import('@/features/restore'), 'RestoreScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/jobs',
		validateSearch: (search: Record<string, unknown>) => given(search, 'vault', 'job'),
		component: lazyRouteComponent(() => import('@/features/jobs'), 'JobsScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/jobs/$vault/$job',
		validateSearch: (search: Record<string, unknown>) => given(search, 'tab', 'filter'),
		component: lazyRouteComponent(() => import('@/features/jobs'), 'JobScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/vaults',
		validateSearch: (search: Record<string, unknown>) => given(search, 'vault', 'do'),
		component: lazyRouteComponent(() => import('@/features/vaults'), 'VaultsScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/hooks',
		component: lazyRouteComponent(() => import('@/features/hooks'), 'HooksScreen'),
	}),
	createRoute({
		getParentRoute: () => root,
		path: '/settings',
		component: lazyRouteComponent(() => import('@/features/settings'), 'SettingsScreen'),
	}),
] as const;

/**
 * The address of a screen stands behind the `#`. TanStack's own hash history takes what stands before it, such as
 * `?latency=500` of the in-memory backend, for a part of that address.
 */
function hashHistory() {
	return createBrowserHistory({
		createHref: (path) => `${location.pathname}${location.search}#${path}`,
		parseLocation: () => parseHref(location.hash.slice(1) || '/', history.state),
	});
}

/** The screens by address. `start` keeps the address out of the window's, for tests. */
export function createAppRouter(start?: string) {
	return createRouter({
		routeTree: root.addChildren(routes),
		history: start === undefined ? hashHistory() : createMemoryHistory({ initialEntries: [start] }),
		defaultPreload: 'intent',
	});
}

declare module '@tanstack/react-router' {
	interface Register {
		router: ReturnType<typeof createAppRouter>;
	}
}
