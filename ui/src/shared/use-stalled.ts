import { useRef } from 'react';
import type { Progress } from '@/backend/bindings';
import { formatSpan } from './format';
import { useNow } from './now';

/** Without progress for longer than this is worth saying. */
const STALLED_MS = 8_000;

/** How long nothing has moved, such as `nothing new for 12 s`; empty while something does. */
export function useStalled(progress: Progress | undefined): string {
	const now = useNow();
	const at = progress ? `${progress.phase} ${progress.detail} ${progress.done}` : '';
	const last = useRef({ at, since: now });
	if (last.current.at !== at) last.current = { at, since: now };
	const stalled = now - last.current.since;
	return progress && stalled >= STALLED_MS ? `nothing new for ${formatSpan(stalled)}` : '';
}
