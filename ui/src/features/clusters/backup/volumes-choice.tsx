import { Checkbox, Field, Input, makeStyles, tokens } from '@fluentui/react-components';
import { HooksChoice } from '@/features/hooks';
import { atOnceProblem, classProblem, freezeProblem, timeoutProblem, type VolumesDraft } from './volumes';

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', border: 'none', margin: 0, padding: 0, minWidth: 0 },
	inner: { display: 'grid', gap: '8px', paddingLeft: '32px', minWidth: 0 },
	hint: { color: tokens.colorNeutralForeground3, fontSize: '12px', lineHeight: '16px', paddingLeft: '32px' },
	advanced: { '& > summary': { cursor: 'pointer', padding: '4px 0', fontWeight: 600 } },
	times: { display: 'grid', gridTemplateColumns: '1fr 1fr', alignItems: 'start', gap: '12px', padding: '4px 0' },
});

interface VolumesChoiceProps {
	clusterId: string;
	volumes: VolumesDraft;
	onChange: (change: Partial<VolumesDraft>) => void;
}

/** What a backup does about volumes: snapshots or none, hooks around them, and how long that may take. */
export function VolumesChoice({ clusterId, volumes, onChange }: VolumesChoiceProps) {
	const styles = useStyles();
	const timeout = timeoutProblem(volumes);
	const freeze = freezeProblem(volumes);
	const atOnce = atOnceProblem(volumes);
	const snapshotClass = classProblem(volumes);
	return (
		<fieldset className={styles.root} aria-label="Volumes">
			<div>
				<Checkbox
					label="Take snapshots of volumes"
					checked={volumes.snapshots}
					onChange={(_, data) => onChange({ snapshots: data.checked === true })}
				/>
				<div className={styles.hint}>
					{volumes.snapshots
						? 'Of the Azure Disk CSI driver. Claims of other drivers, such as Azure Files, are named as skipped.'
						: 'Claims can be made again from the recovery point, empty. No hooks run.'}
				</div>
			</div>
			{volumes.snapshots && (
				<div className={styles.inner}>
					<HooksChoice
						kind="BackupHook"
						clusterId={clusterId}
						hooks={volumes.hooks}
						onChange={(hooks) => onChange({ hooks })}
					/>
					<details className={styles.advanced} open={(timeout ?? freeze ?? atOnce ?? snapshotClass) ? true : undefined}>
						<summary>Advanced: limits and snapshot class</summary>
						<div className={styles.times}>
							<Typed
								label="Each snapshot"
								hint="To be cut, and then to be ready."
								problem={timeout}
								value={volumes.timeoutMinutes}
								unit="min"
								onChange={(timeoutMinutes) => onChange({ timeoutMinutes })}
							/>
							<Typed
								label="Hold of a pod by its hooks"
								hint="What is not cut by then is Failed, and the pod goes on."
								problem={freeze}
								value={volumes.freezeSeconds}
								unit="s"
								onChange={(freezeSeconds) => onChange({ freezeSeconds })}
							/>
							<Typed
								label="Snapshots at once"
								hint="More of them burden the API server and Azure."
								problem={atOnce}
								value={volumes.atOnce}
								onChange={(value) => onChange({ atOnce: value })}
							/>
							<Typed
								label="Snapshot class"
								hint="For Azure disks. Claims that name one keep theirs."
								problem={snapshotClass}
								value={volumes.snapshotClass}
								placeholder="By label, or the default one"
								onChange={(value) => onChange({ snapshotClass: value })}
							/>
						</div>
					</details>
				</div>
			)}
		</fieldset>
	);
}

interface TypedProps {
	label: string;
	hint: string;
	problem: string | undefined;
	value: string;
	unit?: string;
	placeholder?: string;
	onChange: (value: string) => void;
}

/** A field whose hint gives way to what is wrong with it. */
function Typed({ label, hint, problem, value, unit, placeholder, onChange }: TypedProps) {
	return (
		<Field label={label} {...(problem ? { validationMessage: problem } : { hint })}>
			<Input
				value={value}
				{...(placeholder ? { placeholder } : {})}
				{...(unit ? { contentAfter: unit } : {})}
				onChange={(_, data) => onChange(data.value.trim())}
			/>
		</Field>
	);
}
