import { makeStyles, tokens } from '@fluentui/react-components';
import { ChevronRightRegular, SearchRegular } from '@fluentui/react-icons';
import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { type Crumb, useCrumbs } from '@/shared/screen';

const useStyles = makeStyles({
	root: { display: 'flex', flexShrink: 0, alignItems: 'center', gap: '16px', height: '44px', padding: '0 16px 0 24px' },
	path: {
		display: 'flex',
		flexGrow: 1,
		alignItems: 'center',
		gap: '4px',
		minWidth: 0,
		fontSize: '12px',
		color: tokens.colorNeutralForeground2,
		whiteSpace: 'nowrap',
	},
	title: { flexGrow: 1, margin: 0, fontSize: '20px', lineHeight: '28px', fontWeight: 600, whiteSpace: 'nowrap' },
	crumb: { overflow: 'hidden', textOverflow: 'ellipsis' },
	link: {
		flexShrink: 0,
		color: 'inherit',
		textDecoration: 'none',
		':hover': { textDecoration: 'underline', color: tokens.colorNeutralForeground1 },
	},
	search: {
		display: 'flex',
		flexShrink: 0,
		alignItems: 'center',
		gap: '8px',
		width: '280px',
		height: '28px',
		padding: '0 8px',
		fontFamily: 'inherit',
		fontSize: '13px',
		textAlign: 'left',
		color: tokens.colorNeutralForeground3,
		backgroundColor: tokens.colorNeutralBackground1,
		border: `1px solid ${tokens.colorNeutralStroke1}`,
		borderRadius: '4px',
		cursor: 'text',
		':hover': { border: `1px solid ${tokens.colorNeutralStroke1Hover}` },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
	},
	word: { flexGrow: 1 },
	keys: { fontFamily: 'inherit', fontSize: '12px' },
});

/** Where one is, and the way to everything else. */
export function TopBar({ onSearch }: { onSearch: () => void }) {
	const styles = useStyles();
	const { crumbs } = useCrumbs();
	return (
		<header className={styles.root}>
			{crumbs.length === 1 ? <h1 className={styles.title}>{crumbs[0]?.text}</h1> : <Path crumbs={crumbs} />}
			<button type="button" className={styles.search} onClick={onSearch} aria-haspopup="dialog">
				<SearchRegular fontSize={16} aria-hidden />
				<span className={styles.word}>Search or run a command</span>
				<kbd className={styles.keys}>Ctrl+K</kbd>
			</button>
		</header>
	);
}

function Path({ crumbs }: { crumbs: Crumb[] }) {
	const styles = useStyles();
	return (
		<nav className={styles.path} aria-label="Path">
			{crumbs.map((crumb, at) => (
				<Fragment key={crumb.text}>
					{at > 0 && <ChevronRightRegular fontSize={12} aria-hidden />}
					{crumb.to ? (
						<Link to={crumb.to} className={styles.link}>
							{crumb.text}
						</Link>
					) : (
						<span className={styles.crumb} aria-current="page" title={crumb.text}>
							{crumb.text}
						</span>
					)}
				</Fragment>
			))}
		</nav>
	);
}
