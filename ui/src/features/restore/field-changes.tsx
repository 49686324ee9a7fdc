import { makeStyles, tokens } from '@fluentui/react-components';
import type { FieldChange } from '@/backend/bindings';
import { formatCount, plural } from '@/shared';

/** Fields named; the differences below show all. */
const NAMED = 4;

const useStyles = makeStyles({
	list: {
		margin: 0,
		padding: 0,
		listStyleType: 'none',
		fontFamily: tokens.fontFamilyMonospace,
		fontSize: '12px',
		overflowWrap: 'anywhere',
	},
	path: { color: tokens.colorNeutralForeground2 },
	left: { textDecorationLine: 'line-through', color: tokens.colorNeutralForeground3 },
});

/** The differing fields by path, live value and value in the recovery point. */
export function FieldChanges({ changes, pruned }: { changes: FieldChange[]; pruned: string[] }) {
	const styles = useStyles();
	const more = changes.length - NAMED;
	return (
		<div>
			<strong>
				{plural(changes.length, 'field')} differ{changes.length === 1 && 's'}
			</strong>
			<ul className={styles.list}>
				{changes.slice(0, NAMED).map(({ path, live, point }) => (
					<li key={path}>
						<span className={styles.path}>{path}</span> <span className={styles.left}>{live || 'not set'}</span> →{' '}
						{point || 'not set'}
						{pruned.includes(path) && ' (cannot be changed, left)'}
					</li>
				))}
				{more > 0 && <li>and {formatCount(more)} more</li>}
			</ul>
		</div>
	);
}
