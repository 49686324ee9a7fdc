import { useEffect, useRef } from 'react';
import { create } from 'zustand';

/** A key, or two keys one after the other (`g o`), that does something; also an entry of palette and cheat sheet. */
export interface Hotkey {
	keys: string;
	label: string;
	run: () => void;
}

interface Hotkeys {
	entries: Hotkey[];
	add: (hotkey: Hotkey) => () => void;
}

export const useHotkeys = create<Hotkeys>((set) => ({
	entries: [],
	add: (hotkey) => {
		set((state) => ({ entries: [...state.entries, hotkey] }));
		return () => set((state) => ({ entries: state.entries.filter((each) => each !== hotkey) }));
	},
}));

/**
 * Calls `handler` for `keys` while the component is there. `keys` is a key (`/`), a chord (`ctrl+k`, which is Command
 * on a Mac) or a sequence (`g o`). Keys without Ctrl do nothing while text is being typed.
 */
export function useHotkey(keys: string, label: string, handler: () => void): void {
	const latest = useRef(handler);
	latest.current = handler;
	const add = useHotkeys((state) => state.add);
	useEffect(() => add({ keys, label, run: () => latest.current() }), [add, keys, label]);
}

/** How long the second key of a sequence may take. */
const SEQUENCE_MS = 1_000;

function typing(target: EventTarget | null): boolean {
	return (
		target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
	);
}

/** Finds the hotkey of a key press; give each press of a key to one of these. */
export function hotkeyMatcher(): (event: KeyboardEvent, entries: Hotkey[]) => Hotkey | undefined {
	let first: { key: string; at: number } | undefined;
	return (event, entries) => {
		const chord = event.ctrlKey || event.metaKey;
		if (event.altKey || event.isComposing || (!chord && typing(event.target))) return undefined;
		const key = (chord ? 'ctrl+' : '') + event.key.toLowerCase();
		const pair = first && event.timeStamp - first.at < SEQUENCE_MS ? `${first.key} ${key}` : undefined;
		first = chord ? undefined : { key, at: event.timeStamp };
		const newest = [...entries].reverse();
		return newest.find((entry) => entry.keys === pair) ?? newest.find((entry) => entry.keys === key);
	};
}
