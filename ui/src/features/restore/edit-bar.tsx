import { Button, makeStyles, Toolbar, tokens } from '@fluentui/react-components';
import type { PlanRow } from '@/backend/bindings';
import { useHotkey } from '@/shared';
import { plural } from '@/shared/format';
import { EditActions } from './edit-actions';
import type { Editing } from './editing';

const useStyles = makeStyles({
	root: {
		flexShrink: 0,
		flexWrap: 'wrap',
		gap: '4px 8px',
		padding: '6px 24px',
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
		backgroundColor: tokens.colorNeutralBackground1Selected,
	},
});

interface EditBarProps {
	rows: PlanRow[];
	editing: Editing;
	onClear: () => void;
}

/** What can be done to the marked rows. It stands below them, so that no row moves when the first is marked. */
export function EditBar({ rows, editing, onClear }: EditBarProps) {
	const styles = useStyles();
	useHotkey('u', 'Take the marks away', onClear);
	return (
		<Toolbar size="small" className={styles.root} aria-label="Marked objects">
			<strong role="status">{plural(rows.length, 'object')} marked</strong>
			<EditActions rows={rows} editing={editing} />
			<span style={{ flexGrow: 1 }} />
			<Button size="small" appearance="subtle" onClick={onClear}>
				Take the marks away
			</Button>
		</Toolbar>
	);
}
