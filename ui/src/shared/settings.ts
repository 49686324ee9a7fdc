import { useQuery } from '@tanstack/react-query';
import type { Settings } from '@/backend/bindings';
import { useBackend } from './backend-context';

/** What holds until the settings are read. */
const DEFAULTS: Settings = {
	appearance: 'system',
	compact: false,
	times: 'local',
	kubeconfigFiles: [],
	proxy: '',
	caFile: '',
	logLevel: 'info',
	allowedPlugins: [],
};

/** The settings in force. */
export function useSettings(): Settings {
	const backend = useBackend();
	return (
		useQuery({ queryKey: ['settings'], queryFn: () => backend.settings(), staleTime: Number.POSITIVE_INFINITY }).data ??
		DEFAULTS
	);
}
