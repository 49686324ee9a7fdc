import { Button, makeStyles, Tag, TagGroup, tokens } from '@fluentui/react-components';
import { plural } from '@/shared';

/** Objects that are named; the others are a number. */
const SHOWN = 24;

const useStyles = makeStyles({
	root: { display: 'grid', gap: '8px', justifyItems: 'start' },
	tags: { display: 'flex', flexWrap: 'wrap', gap: '4px' },
	tag: { fontFamily: tokens.fontFamilyMonospace },
	note: { color: tokens.colorNeutralForeground2 },
});

interface ChosenObjectsProps {
	/** `resource/namespace/name` each. */
	objects: string[];
	onChange: (objects: string[]) => void;
}

/** The objects that are restored, each by its name. */
export function ChosenObjects({ objects, onChange }: ChosenObjectsProps) {
	const styles = useStyles();
	return (
		<div className={styles.root}>
			<strong role="status">Takes {plural(objects.length, 'chosen object')}.</strong>
			<TagGroup
				className={styles.tags}
				aria-label="Chosen objects"
				onDismiss={(_, data) => onChange(objects.filter((each) => each !== data.value))}
			>
				{objects.slice(0, SHOWN).map((each) => (
					<Tag
						key={each}
						value={each}
						size="small"
						className={styles.tag}
						// Without any, everything would be taken; the button below says so.
						dismissible={objects.length > 1}
						dismissIcon={{ 'aria-label': `Leave out ${each.replace('./', '/')}` }}
					>
						{each.replace('./', '/')}
					</Tag>
				))}
			</TagGroup>
			{objects.length > SHOWN && <span>and {objects.length - SHOWN} more</span>}
			<span className={styles.note}>
				Their namespaces, and cluster-scoped objects that they refer to, are made where they are missing, and never
				changed.
			</span>
			<Button size="small" onClick={() => onChange([])}>
				Choose by namespace and kind instead
			</Button>
		</div>
	);
}
