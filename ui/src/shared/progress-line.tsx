import { Button, makeStyles, ProgressBar, tokens } from '@fluentui/react-components';
import type { Progress } from '@/backend/bindings';
import { formatCount, formatSpan } from './format';
import { useStalled } from './use-stalled';

/** Less than this is not worth saying. */
const SOON_MS = 1_000;

const useStyles = makeStyles({
	root: { display: 'flex', alignItems: 'center', gap: '12px', minHeight: '32px', fontSize: '13px' },
	bar: { width: '160px', flexShrink: 0 },
	words: { flexGrow: 1, minWidth: 0, fontVariantNumeric: 'tabular-nums', color: tokens.colorNeutralForeground2 },
});

/** `workloads · 840 of 1 284 · 840/s · 12 s left`. */
export function progressWords({ phase, detail, done, total, rate, remainingMs }: Progress): string {
	const count =
		total !== undefined ? `${formatCount(done)} of ${formatCount(total)}` : done > 0 ? formatCount(done) : '';
	const speed = rate > 0 ? `${formatCount(rate)}/s` : '';
	const left = remainingMs !== undefined && remainingMs >= SOON_MS ? `${formatSpan(remainingMs)} left` : '';
	return [phase, detail, count, speed, left].filter(Boolean).join(' · ');
}

/** The same, and for how long nothing has moved. */
export function useProgressWords(progress: Progress | undefined): string {
	const stalled = useStalled(progress);
	return progress ? [progressWords(progress), stalled].filter(Boolean).join(' · ') : '';
}

interface ProgressLineProps {
	/** What is done, such as `Planning`. */
	label: string;
	progress: Progress | undefined;
	onCancel?: (() => void) | undefined;
}

/** How far something is, and a way to stop it. */
export function ProgressLine({ label, progress, onCancel }: ProgressLineProps) {
	const styles = useStyles();
	const words = useProgressWords(progress);
	const known = progress?.total ? { value: progress.done, max: progress.total } : {};
	return (
		<div className={styles.root}>
			<strong>{label}</strong>
			<ProgressBar className={styles.bar} aria-label={label} {...known} />
			<span className={styles.words}>{words}</span>
			{onCancel && (
				<Button size="small" onClick={onCancel}>
					Cancel
				</Button>
			)}
		</div>
	);
}
