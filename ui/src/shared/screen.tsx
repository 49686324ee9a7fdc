import { makeStyles, tokens } from '@fluentui/react-components';
import { type ReactNode, useEffect } from 'react';
import { create } from 'zustand';

/** A part of the path shown above a screen; without `to` it is where one is. */
export interface Crumb {
	text: string;
	to?: string;
}

/** The path of the screen that is shown; the shell reads it. */
export const useCrumbs = create<{ crumbs: Crumb[] }>(() => ({ crumbs: [] }));

const useStyles = makeStyles({
	root: { display: 'flex', flexGrow: 1, minHeight: 0, minWidth: 0 },
	main: { display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: 0, minHeight: 0 },
	scrolling: { overflowY: 'auto' },
	head: { display: 'flex', flexWrap: 'wrap', alignItems: 'flex-start', gap: '4px 16px', padding: '8px 24px 12px' },
	words: { flexGrow: 1, minWidth: '240px' },
	title: { margin: 0, fontSize: '20px', lineHeight: '28px', fontWeight: 600, overflowWrap: 'anywhere' },
	lead: { color: tokens.colorNeutralForeground2, fontSize: '14px', lineHeight: '20px', minHeight: '20px' },
	actions: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '8px' },
});

interface ScreenProps {
	title: string;
	/** Where the screen is, below another one; the title then stands in the screen itself, else in the bar above. */
	crumbs?: Crumb[];
	/** The sentence that a person came for. */
	lead?: ReactNode;
	actions?: ReactNode;
	/** A `Pane`. */
	pane?: ReactNode;
	/** Whether the screen scrolls as a whole; otherwise its content fills it and scrolls by itself. */
	scroll?: boolean;
	children: ReactNode;
}

/** A screen: title, the answer first, what can be done, content, and a pane on the right. */
export function Screen({ title, crumbs, lead, actions, pane, scroll = false, children }: ScreenProps) {
	const styles = useStyles();
	const path = JSON.stringify(crumbs ?? [{ text: title }]);
	useEffect(() => useCrumbs.setState({ crumbs: JSON.parse(path) as Crumb[] }), [path]);
	return (
		<div className={styles.root}>
			<div className={`${styles.main} ${scroll ? styles.scrolling : ''}`}>
				<header className={styles.head}>
					<div className={styles.words}>
						{crumbs && <h1 className={styles.title}>{title}</h1>}
						{lead !== undefined && <div className={styles.lead}>{lead}</div>}
					</div>
					{actions && <div className={styles.actions}>{actions}</div>}
				</header>
				{children}
			</div>
			{pane}
		</div>
	);
}
