import { Field, Radio, RadioGroup } from '@fluentui/react-components';
import type { ConflictPolicy, VolumeMode } from '@/backend/bindings';
import { HooksChoice } from '@/features/hooks';
import { ClaimsWait } from './claims-wait';
import type { Draft } from './draft';
import { ModifiersField } from './modifiers-field';
import { StorageClasses } from './storage-classes';

const option = (word: string, line: string) => (
	<span>
		<strong>{word}</strong> {line}
	</span>
);

/** What to do about what exists and about claims, and what changes on the way. */
export function StepRules({ draft, onChange }: { draft: Draft; onChange: (change: Partial<Draft>) => void }) {
	return (
		<div
			style={{
				display: 'grid',
				gap: 12,
				maxWidth: 960,
				alignItems: 'start',
				gridTemplateColumns: 'repeat(auto-fit, minmax(360px, 1fr))',
			}}
		>
			<Field label="Objects that exist already">
				<RadioGroup
					value={draft.conflictPolicy}
					onChange={(_, data) => onChange({ conflictPolicy: data.value as ConflictPolicy })}
				>
					<Radio value="skip" label={option('Skip', 'leaves them as they are.')} />
					<Radio
						value="patch"
						label={option('Patch', 'sets what the recovery point says; fields that only the cluster has stay.')}
					/>
				</RadioGroup>
			</Field>
			<Field label="Persistent volume claims">
				<RadioGroup value={draft.volumeMode} onChange={(_, data) => onChange({ volumeMode: data.value as VolumeMode })}>
					<Radio
						value="withData"
						label={option(
							'With data',
							'fills claims from their snapshots, and blocks those whose data is not in the recovery point.',
						)}
					/>
					<Radio
						value="withoutData"
						label={option('Without data', 'makes claims again, empty; snapshots are not used.')}
					/>
				</RadioGroup>
			</Field>
			<div style={{ gridColumn: '1 / -1', minWidth: 0 }}>
				<StorageClasses draft={draft} onChange={onChange} />
			</div>
			{draft.volumeMode === 'withData' && (
				<div style={{ gridColumn: '1 / -1', minWidth: 0 }}>
					<ClaimsWait draft={draft} onChange={onChange} />
				</div>
			)}
			<div style={{ gridColumn: '1 / -1', minWidth: 0 }}>
				<ModifiersField draft={draft} onChange={onChange} />
			</div>
			<div style={{ gridColumn: '1 / -1', minWidth: 0, maxWidth: 520 }}>
				<HooksChoice
					kind="RestoreHook"
					clusterId={draft.clusterId}
					hooks={draft.hooks}
					onChange={(hooks) => onChange({ hooks })}
				/>
			</div>
		</div>
	);
}
