import { makeStyles, ToggleButton, tokens } from '@fluentui/react-components';
import { useState } from 'react';
import type { PointVolumes } from '@/backend/bindings';
import { EmptyState, plural } from '@/shared';
import { Claims } from './claims';
import { HookRuns } from './hook-runs';
import { countWords, holdWords } from './words';

/** Pods that are named in the line above the claims. */
const NAMED = 3;

const useStyles = makeStyles({
	root: { display: 'flex', flexDirection: 'column', flexGrow: 1, minHeight: 0, minWidth: 0 },
	head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 16px', padding: '0 24px 8px' },
	words: { flexGrow: 1, minWidth: '240px', overflowWrap: 'anywhere' },
	lead: { fontWeight: 600 },
	quiet: { color: tokens.colorNeutralForeground2 },
	parts: { display: 'flex', gap: '4px' },
});

interface VolumesViewProps {
	volumes: PointVolumes;
	/** The claim whose pane is open, as `namespace/claim`. */
	claim: string | undefined;
	onClaim: (claim: string | undefined) => void;
}

/** What a recovery point says about volumes: how many are in it, each claim, and the hooks that ran around the cut. */
export function VolumesView({ volumes, claim, onClaim }: VolumesViewProps) {
	const styles = useStyles();
	const [part, setPart] = useState<'claims' | 'hooks'>('claims');
	const { hooks, holds, region } = volumes;
	if (volumes.volumes.length === 0 && hooks.length === 0) return <NoVolumes claims={volumes.claims} />;
	const failed = hooks.filter(({ failure }) => failure).length;
	return (
		<div className={styles.root}>
			<div className={styles.head}>
				<div className={styles.words}>
					<span className={styles.lead}>{countWords(volumes)}.</span>{' '}
					{region && <span className={styles.quiet}>Its snapshots can be used in {region}.</span>}
					{holds.length > 0 && <div className={styles.quiet}>Held by hooks: {holdWords(holds, NAMED)}.</div>}
				</div>
				{hooks.length > 0 && (
					<fieldset className={styles.parts} style={{ border: 'none', margin: 0, padding: 0 }} aria-label="Show">
						<ToggleButton size="small" checked={part === 'claims'} onClick={() => setPart('claims')}>
							{plural(volumes.volumes.length, 'claim')}
						</ToggleButton>
						<ToggleButton size="small" checked={part === 'hooks'} onClick={() => setPart('hooks')}>
							{plural(hooks.length, 'hook run')}
							{failed > 0 && `, ${failed} failed`}
						</ToggleButton>
					</fieldset>
				)}
			</div>
			{part === 'claims' || hooks.length === 0 ? (
				<Claims volumes={volumes} claim={claim} onClaim={onClaim} />
			) : (
				<HookRuns hooks={hooks} />
			)}
		</div>
	);
}

/** Why there is nothing about volumes, as far as the objects tell. */
function NoVolumes({ claims }: { claims: number }) {
	return (
		<div style={{ paddingLeft: 8 }}>
			{claims > 0 ? (
				<EmptyState title="Taken without volumes">
					{plural(claims, 'claim')} of this recovery point can be made again, without the data that was in the volumes.
				</EmptyState>
			) : (
				<EmptyState title="No volumes">There are no persistent volume claims in this recovery point.</EmptyState>
			)}
		</div>
	);
}
