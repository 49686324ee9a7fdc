import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { ArrowClockwiseRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { MatchPreview } from '@/backend/bindings';
import { formatCount, plural, Section, UpdatedAgo, WarningList } from '@/shared';

/** Kinds shown before the others are asked for. */
const FIRST = 6;

const useStyles = makeStyles({
	kinds: {
		display: 'grid',
		gridTemplateColumns: 'minmax(0, 1fr) max-content',
		gap: '0 16px',
		margin: 0,
		fontSize: '12px',
		lineHeight: '20px',
		fontFamily: tokens.fontFamilyMonospace,
		'& dt': { overflow: 'hidden', textOverflow: 'ellipsis' },
		'& dd': { margin: 0, textAlign: 'right' },
	},
	stale: { opacity: 0.6 },
});

interface MatchViewProps {
	preview: MatchPreview;
	/** Whether snapshots of volumes are taken. */
	snapshots: boolean;
	busy: boolean;
	onReadAgain: () => void;
}

/** What a backup would take now: how many of what, and what it cannot read. */
export function MatchView({ preview, snapshots, busy, onReadAgain }: MatchViewProps) {
	const styles = useStyles();
	const [all, setAll] = useState(false);
	const { objects, namespaces, claims, kinds, gaps, asOf } = preview;
	const shown = all ? kinds : kinds.slice(0, FIRST);
	return (
		<Section
			title={`Matches ${plural(objects, 'object')}`}
			note={busy ? 'counting…' : <UpdatedAgo time={asOf} />}
			actions={
				<Button
					size="small"
					appearance="subtle"
					icon={<ArrowClockwiseRegular />}
					title="Read the cluster again"
					aria-label="Read the cluster again"
					onClick={onReadAgain}
				/>
			}
		>
			<div className={busy ? styles.stale : undefined}>
				{plural(namespaces, 'namespace')} · {plural(kinds.length, 'kind')}
				{claims > 0 &&
					` · ${plural(claims, 'volume claim')}, ${snapshots ? 'with snapshots of those on Azure disks' : 'without the data in the volumes'}`}
			</div>
			{gaps.length > 0 && (
				<>
					<strong>The recovery point will be Partial.</strong>
					<WarningList warnings={gaps} />
				</>
			)}
			<dl className={styles.kinds}>
				{shown.map((kind) => (
					<div key={kind.resource} style={{ display: 'contents' }}>
						<dt title={kind.resource}>{kind.resource}</dt>
						<dd>{formatCount(kind.objects)}</dd>
					</div>
				))}
			</dl>
			{kinds.length > FIRST && (
				<div>
					<Button size="small" appearance="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
						{all ? 'Show fewer' : `Show all ${kinds.length} kinds`}
					</Button>
				</div>
			)}
		</Section>
	);
}
