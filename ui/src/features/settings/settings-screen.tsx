import { makeStyles, tokens } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Settings } from '@/backend/bindings';
import { FailureView, Screen, useBackend } from '@/shared';
import { About } from './about';
import { Clusters } from './clusters';
import { Display } from './display';
import { Network } from './network';

const useStyles = makeStyles({
	content: { display: 'grid', gap: '8px', padding: '8px 24px 32px', maxWidth: '640px' },
	saved: { color: tokens.colorNeutralForeground3 },
});

/** A part of the settings: shows `settings`, saves what changes. */
export interface PartProps {
	settings: Settings;
	save: (change: Partial<Settings>) => void;
}

/** What a person can set. Every change is saved at once. */
export function SettingsScreen() {
	const styles = useStyles();
	const backend = useBackend();
	const client = useQueryClient();
	const settings = useQuery({ queryKey: ['settings'], queryFn: () => backend.settings() });
	const save = useMutation({
		mutationFn: (next: Settings) => backend.saveSettings(next),
		onSuccess: (saved) => client.setQueryData(['settings'], saved),
	});
	const saved = settings.data;
	const change = (part: Partial<Settings>) => saved && save.mutate({ ...saved, ...part });
	return (
		<Screen
			title="Settings"
			lead={save.isSuccess ? <span role="status">Saved.</span> : 'Changes are saved at once.'}
			scroll
		>
			<div className={styles.content}>
				{settings.error && <FailureView failure={settings.error} onRetry={() => void settings.refetch()} />}
				{save.error && <FailureView failure={save.error} />}
				{saved && (
					<>
						<Display settings={saved} save={change} />
						<Clusters settings={saved} save={change} />
						<Network settings={saved} save={change} />
						<About settings={saved} save={change} />
					</>
				)}
			</div>
		</Screen>
	);
}
