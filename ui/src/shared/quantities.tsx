import { formatAbsolute, formatBytes, formatCount, formatRelative } from './format';
import { useNow } from './now';
import { useSettings } from './settings';

/** A number with thin separators. */
export function Count({ value }: { value: number }) {
	return <span style={{ fontVariantNumeric: 'tabular-nums' }}>{formatCount(value)}</span>;
}

/** A size in KiB, MiB... */
export function Bytes({ value }: { value: number }) {
	return <span style={{ fontVariantNumeric: 'tabular-nums' }}>{formatBytes(value)}</span>;
}

/** `2 h ago`; on hover, the moment itself in local time or UTC, by setting. */
export function RelativeTime({ time }: { time: string }) {
	const now = useNow();
	const { times } = useSettings();
	return (
		<time dateTime={time} title={formatAbsolute(time, times)}>
			{formatRelative(time, now)}
		</time>
	);
}

/** The moment itself, in local time or UTC, by setting; on hover, how long ago. */
export function AbsoluteTime({ time }: { time: string }) {
	const now = useNow();
	const { times } = useSettings();
	return (
		<time dateTime={time} title={formatRelative(time, now)} style={{ fontVariantNumeric: 'tabular-nums' }}>
			{formatAbsolute(time, times)}
		</time>
	);
}

/** When what is shown was read. */
export function UpdatedAgo({ time }: { time: string }) {
	return (
		<span style={{ color: 'var(--colorNeutralForeground3)', fontSize: 12, whiteSpace: 'nowrap' }}>
			updated <RelativeTime time={time} />
		</span>
	);
}
