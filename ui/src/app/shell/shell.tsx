import { makeStyles, tokens } from '@fluentui/react-components';
import { Outlet } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useHotkey } from '@/shared';
import { hotkeyMatcher, useHotkeys } from '@/shared/hotkeys';
import { Palette } from '../palette/palette';
import { CheatSheet } from './cheat-sheet';
import { CloseDialog } from './close-dialog';
import { JobStrip } from './job-strip';
import { JobToasts } from './job-toasts';
import { Navigation } from './navigation';
import { TopBar } from './top-bar';

const useStyles = makeStyles({
	root: { display: 'flex', height: '100%', backgroundColor: tokens.colorNeutralBackground1 },
	side: { display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: 0 },
	screen: { display: 'flex', flexGrow: 1, minHeight: 0 },
});

type Overlay = 'palette' | 'cheatSheet' | undefined;

/** What is around every screen. */
export function Shell() {
	const styles = useStyles();
	const [overlay, setOverlay] = useState<Overlay>();
	useHotkeyDispatch();
	useHotkey('ctrl+k', 'Search or run a command', () => setOverlay('palette'));
	useHotkey('?', 'Show all keys', () => setOverlay('cheatSheet'));
	return (
		<div className={styles.root}>
			<Navigation />
			<div className={styles.side}>
				<TopBar onSearch={() => setOverlay('palette')} />
				<main className={styles.screen}>
					<Outlet />
				</main>
				<JobStrip />
			</div>
			{overlay === 'palette' && <Palette onClose={() => setOverlay(undefined)} />}
			{overlay === 'cheatSheet' && <CheatSheet onClose={() => setOverlay(undefined)} />}
			<CloseDialog />
			<JobToasts />
		</div>
	);
}

/** Runs hotkeys; not while a dialog is open, which has keys of its own. */
function useHotkeyDispatch(): void {
	useEffect(() => {
		const match = hotkeyMatcher();
		const onKeyDown = (event: KeyboardEvent) => {
			if (event.defaultPrevented || document.querySelector('[role="dialog"], [role="alertdialog"]')) return;
			const hotkey = match(event, useHotkeys.getState().entries);
			if (!hotkey) return;
			event.preventDefault();
			hotkey.run();
		};
		window.addEventListener('keydown', onKeyDown);
		return () => window.removeEventListener('keydown', onKeyDown);
	}, []);
}
