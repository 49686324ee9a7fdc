import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactNode } from 'react';

const useStyles = makeStyles({
	root: {
		display: 'grid',
		gridTemplateColumns: 'max-content minmax(0, 1fr)',
		gap: '4px 16px',
		margin: 0,
		fontSize: '13px',
		lineHeight: '20px',
		'& dt': { color: tokens.colorNeutralForeground2 },
		'& dd': { margin: 0, overflowWrap: 'anywhere' },
	},
});

/** Names and values; those without a value are left out. */
export function Facts({ facts }: { facts: [name: string, value: ReactNode][] }) {
	const styles = useStyles();
	return (
		<dl className={styles.root}>
			{facts
				.filter(([, value]) => value !== undefined && value !== '' && value !== false)
				.map(([name, value]) => (
					<div key={name} style={{ display: 'contents' }}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
		</dl>
	);
}
