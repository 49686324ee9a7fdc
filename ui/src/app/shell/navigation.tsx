import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import { Link, useNavigate } from '@tanstack/react-router';
import { useHotkey, useJobs } from '@/shared';
import mark from '../../../../icons/holdfast.svg';
import { SCREENS } from '../screens';

const useStyles = makeStyles({
	root: {
		display: 'flex',
		flexDirection: 'column',
		flexShrink: 0,
		gap: '2px',
		width: '184px',
		padding: '8px',
		boxSizing: 'border-box',
		overflowY: 'auto',
		backgroundColor: tokens.colorNeutralBackground3,
		borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
		'@media (max-width: 760px)': { width: '56px' },
	},
	brand: {
		display: 'flex',
		alignItems: 'center',
		gap: '8px',
		height: '32px',
		padding: '0 8px 8px',
		fontWeight: 600,
		fontSize: '14px',
	},
	item: {
		position: 'relative',
		display: 'flex',
		alignItems: 'center',
		gap: '10px',
		height: '32px',
		padding: '0 8px',
		borderRadius: '4px',
		color: tokens.colorNeutralForeground1,
		textDecoration: 'none',
		fontSize: '14px',
		':hover': { backgroundColor: tokens.colorNeutralBackground3Hover },
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
		'& svg': { flexShrink: 0, fontSize: '20px' },
	},
	current: {
		fontWeight: 600,
		backgroundColor: tokens.colorNeutralBackground3Selected,
		'& svg': { color: tokens.colorBrandForeground1 },
		'::before': {
			content: '""',
			position: 'absolute',
			left: 0,
			top: '8px',
			bottom: '8px',
			width: '3px',
			borderRadius: '2px',
			backgroundColor: tokens.colorBrandForeground1,
		},
	},
	word: { flexGrow: 1, whiteSpace: 'nowrap', '@media (max-width: 760px)': { display: 'none' } },
	count: {
		minWidth: '18px',
		padding: '0 5px',
		boxSizing: 'border-box',
		borderRadius: '9px',
		textAlign: 'center',
		fontSize: '12px',
		lineHeight: '18px',
		color: tokens.colorNeutralForegroundOnBrand,
		backgroundColor: tokens.colorBrandBackground,
	},
	gap: { flexGrow: 1 },
});

/** The places there are; jobs with the number of those that run. */
export function Navigation() {
	const styles = useStyles();
	const running = useJobs().data?.jobs.filter((job) => job.state === 'running').length ?? 0;
	return (
		<nav className={styles.root} aria-label="Screens">
			<div className={styles.brand}>
				<img src={mark} width="20" height="20" alt="" />
				<span className={styles.word}>Holdfast</span>
			</div>
			{SCREENS.map((screen) => (
				<Place key={screen.to} screen={screen} count={screen.to === '/jobs' ? running : 0} />
			))}
		</nav>
	);
}

function Place({ screen, count }: { screen: (typeof SCREENS)[number]; count: number }) {
	const styles = useStyles();
	const navigate = useNavigate();
	const { to, label, keys, icon: Icon } = screen;
	useHotkey(keys, `Go to ${label}`, () => void navigate({ to }));
	return (
		<>
			{to === '/settings' && <div className={styles.gap} />}
			<Link
				to={to}
				activeOptions={{ exact: to === '/', includeSearch: false }}
				className={styles.item}
				activeProps={{ className: mergeClasses(styles.item, styles.current) }}
				title={label}
			>
				<Icon aria-hidden />
				<span className={styles.word}>{label}</span>
				{count > 0 && (
					<span className={styles.count} role="img" aria-label={`${count} running`}>
						{count}
					</span>
				)}
			</Link>
		</>
	);
}
