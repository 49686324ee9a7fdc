import {
	ArchiveRegular,
	HistoryRegular,
	HomeRegular,
	ServerRegular,
	SettingsRegular,
	VaultRegular,
} from '@fluentui/react-icons';

/** The places of the navigation, with the keys that lead there. */
export const SCREENS = [
	{ to: '/', label: 'Overview', keys: 'g o', icon: HomeRegular },
	{ to: '/clusters', label: 'Clusters', keys: 'g c', icon: ServerRegular },
	{ to: '/points', label: 'Recovery points', keys: 'g p', icon: ArchiveRegular },
	{ to: '/jobs', label: 'Jobs', keys: 'g j', icon: HistoryRegular },
	{ to: '/vaults', label: 'Vaults', keys: 'g v', icon: VaultRegular },
	{ to: '/settings', label: 'Settings', keys: 'g s', icon: SettingsRegular },
] as const;
