import type { Backend } from '../backend';
import type { AppInfo, Settings } from '../bindings';
import type { FakeHost } from './host';

const APP: AppInfo = {
	version: '0.1.0',
	platform: 'linux',
	dataDir: '/home/ada/.local/share/holdfast',
	logFile: '/home/ada/.local/share/holdfast/logs/holdfast.log',
	suggestedVault: 'file:///home/ada/Holdfast',
};

const FIRST: Settings = {
	appearance: 'system',
	compact: false,
	times: 'local',
	kubeconfigFiles: [],
	proxy: '',
	caFile: '',
	logLevel: 'info',
	allowedPlugins: [],
};

type SettingsPart = Pick<
	Backend,
	| 'appInfo'
	| 'settings'
	| 'saveSettings'
	| 'pickFile'
	| 'pickFolder'
	| 'saveText'
	| 'openText'
	| 'showLogFolder'
	| 'copyText'
	| 'allowPlugin'
>;

/** A text that was to be written as a file. */
export interface SavedText {
	name: string;
	text: string;
}

/** The calls about the program itself and its settings; files that were to be written go into `saved`. */
export function settingsPart(host: FakeHost, saved: SavedText[]): SettingsPart {
	let settings = FIRST;
	const save = (next: Settings): Settings => {
		settings = structuredClone(next);
		host.emit({ type: 'changed', topics: ['settings', 'clusters'] });
		return settings;
	};
	return {
		appInfo: async () => APP,
		settings: async () => settings,
		saveSettings: async (next) => save(next),
		pickFile: async (purpose) => (purpose === 'caFile' ? '/etc/ssl/certs/contoso.pem' : '/home/ada/.kube/contoso'),
		pickFolder: async () => '/srv/backups',
		async saveText(name, text) {
			saved.push({ name, text });
			return `/home/ada/${name}`;
		},
		// What was saved last is what a person would open again.
		openText: async () => saved.at(-1)?.text ?? null,
		showLogFolder: async () => {},
		async copyText(text) {
			// Browsers refuse this without a click or outside of a secure page; nothing depends on it here.
			await navigator.clipboard?.writeText(text).catch(() => {});
		},
		async allowPlugin(command) {
			save({ ...settings, allowedPlugins: [...settings.allowedPlugins, command] });
		},
	};
}
