import type { TimeDisplay } from '@/backend/bindings';

/** Narrow no-break space: separates thousands without ever breaking a number. */
export const THIN = '\u202f';

/** `1 284`, with thin separators. */
export function formatCount(value: number): string {
	return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, THIN);
}

/** `1 object`, `1 284 objects`. */
export function plural(value: number, one: string, many = `${one}s`): string {
	return `${formatCount(value)} ${value === 1 ? one : many}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `2.1 MiB`: three digits at most before the point, one after it below ten. */
export function formatBytes(bytes: number): string {
	let value = bytes;
	let unit = 0;
	while (value >= 1023.5 && unit < UNITS.length - 1) {
		value /= 1024;
		unit += 1;
	}
	const digits = unit > 0 && value < 9.95 ? 1 : 0;
	return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

const STEPS: [number, string][] = [
	[86_400_000, 'd'],
	[3_600_000, 'h'],
	[60_000, 'min'],
];

/** `12 s`, `3 min`, `2 h`, `5 d`: the largest whole unit. */
export function formatSpan(ms: number): string {
	for (const [size, unit] of STEPS) {
		if (ms >= size) return `${Math.floor(ms / size)} ${unit}`;
	}
	return `${Math.max(0, Math.floor(ms / 1000))} s`;
}

/** Less than this would be shown as nothing. */
const SHORTEST_MS = 50;

/** How long something took: `under 0.1 s`, `0.4 s`, `12 s`, `1 min 05 s`, `2 h 03 min`. */
export function formatDuration(ms: number): string {
	if (ms < SHORTEST_MS) return 'under 0.1 s';
	if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
	const seconds = Math.round(ms / 1000);
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
	return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')} min`;
}

/** `2 h ago`, `just now`, `in 5 min` (clocks of two machines may differ). */
export function formatRelative(time: string, now: number): string {
	const ms = now - Date.parse(time);
	if (Number.isNaN(ms)) return time;
	if (ms < -60_000) return `in ${formatSpan(-ms)}`;
	return ms < 5_000 ? 'just now' : `${formatSpan(ms)} ago`;
}

/** `2026-11-25 14:10:03`, with `UTC` where that is what is shown. */
export function formatAbsolute(time: string, display: TimeDisplay): string {
	const date = new Date(time);
	if (Number.isNaN(date.getTime())) return time;
	if (display === 'utc') return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
	const two = (value: number) => String(value).padStart(2, '0');
	const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
	return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** The path of a `file:` address as people write it, without the escapes of a URL. */
export function pathWords(url: string): string {
	try {
		return decodeURIComponent(url.replace(/^file:\/\//, ''));
	} catch {
		return url;
	}
}
