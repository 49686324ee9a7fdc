import { Channel, invoke } from '@tauri-apps/api/core';
import type { Backend } from './backend';
import type { Event } from './bindings';

/**
 * The engine behind the window: each method is the Tauri command of its name in snake case, with the parameters of
 * `Backend` by name. Rejections are `Failure` objects.
 */
export function createTauriBackend(): Backend {
	return {
		appInfo: () => invoke('app_info'),
		settings: () => invoke('settings'),
		saveSettings: (settings) => invoke('save_settings', { settings }),
		pickFile: (purpose) => invoke('pick_file', { purpose }),
		pickFolder: (purpose) => invoke('pick_folder', { purpose }),
		saveText: (suggestedName, text) => invoke('save_text', { suggestedName, text }),
		openText: () => invoke('open_text'),
		showLogFolder: () => invoke('show_log_folder'),
		copyText: (text) => invoke('copy_text', { text }),

		overview: () => invoke('overview'),

		clusters: () => invoke('clusters'),
		clusterStatus: (clusterId) => invoke('cluster_status', { clusterId }),
		allowPlugin: (command) => invoke('allow_plugin', { command }),
		rehearse: (what, namespace) => invoke('rehearse', { what, namespace }),

		backupHooks: (clusterId) => invoke('backup_hooks', { clusterId }),
		restoreHooks: (clusterId) => invoke('restore_hooks', { clusterId }),
		storageClasses: (clusterId) => invoke('storage_classes', { clusterId }),

		previewSelection: (clusterId, selection, fresh, requestId) =>
			invoke('preview_selection', { clusterId, selection, fresh, requestId }),
		suggestPointName: (clusterId) => invoke('suggest_point_name', { clusterId }),
		backupCommand: (request) => invoke('backup_command', { request }),
		checkHooks: (references) => invoke('check_hooks', { references }),
		startBackup: (request) => invoke('start_backup', { request }),

		vaults: () => invoke('vaults'),
		checkVault: (vault, requestId) => invoke('check_vault', { vault, requestId }),
		addVault: (vault) => invoke('add_vault', { vault }),
		forgetVault: (vaultId) => invoke('forget_vault', { vaultId }),
		refreshVault: (vaultId) => invoke('refresh_vault', { vaultId }),

		points: () => invoke('points'),
		point: (key) => invoke('point', { key }),
		pointLog: (key) => invoke('point_log', { key }),
		pointVolumes: (key) => invoke('point_volumes', { key }),
		pointObjects: (query) => invoke('point_objects', { query }),
		pointTree: (query) => invoke('point_tree', { query }),
		objectText: (key, row, plain) => invoke('object_text', { key, row, plain }),
		revealSecret: (key, row, secretKey) => invoke('reveal_secret', { key, row, secretKey }),
		deletePoint: (key) => invoke('delete_point', { key }),

		planRestore: (request, requestId) => invoke('plan_restore', { request, requestId }),
		planItems: (planId, query) => invoke('plan_items', { planId, query }),
		planDiff: (planId, entry) => invoke('plan_diff', { planId, entry }),
		validatePlan: (planId, requestId) => invoke('validate_plan', { planId, requestId }),
		planText: (planId) => invoke('plan_text', { planId }),
		openPlan: (vaultId, clusterId, text, acceptDrift, requestId) =>
			invoke('open_plan', { vaultId, clusterId, text, acceptDrift, requestId }),
		planRetry: (vaultId, jobId, requestId) => invoke('plan_retry', { vaultId, jobId, requestId }),
		startRestore: (planId) => invoke('start_restore', { planId }),
		planUndo: (vaultId, jobId, requestId) => invoke('plan_undo', { vaultId, jobId, requestId }),
		undoItems: (undoId, query) => invoke('undo_items', { undoId, query }),
		startUndo: (undoId) => invoke('start_undo', { undoId }),
		lintModifiers: (text) => invoke('lint_modifiers', { text }),
		modifierTemplates: () => invoke('modifier_templates'),
		tryModifiers: (key, selection, text, requestId) => invoke('try_modifiers', { key, selection, text, requestId }),
		lintHooks: (text) => invoke('lint_hooks', { text }),
		hookTemplates: () => invoke('hook_templates'),
		cancelRequest: (requestId) => invoke('cancel_request', { requestId }),

		jobs: () => invoke('jobs'),
		job: (vaultId, jobId) => invoke('job', { vaultId, jobId }),
		jobVolumes: (vaultId, jobId) => invoke('job_volumes', { vaultId, jobId }),
		jobHooks: (vaultId, jobId) => invoke('job_hooks', { vaultId, jobId }),
		jobLog: (vaultId, jobId, query) => invoke('job_log', { vaultId, jobId, query }),
		jobItems: (vaultId, jobId, query) => invoke('job_items', { vaultId, jobId, query }),
		cancelJob: (vaultId, jobId) => invoke('cancel_job', { vaultId, jobId }),
		exportReport: (vaultId, jobId, format) => invoke('export_report', { vaultId, jobId, format }),

		subscribe: (listener) => {
			let listening = true;
			const channel = new Channel<Event>();
			channel.onmessage = (event) => {
				if (listening) listener(event);
			};
			// Without events the window still works: it fetches again when it is looked at.
			invoke('subscribe', { channel }).catch((cause) => console.error('no events from the engine', cause));
			return () => {
				listening = false;
			};
		},
		answerClose: (answer) => invoke('answer_close', { answer }),
	};
}
