import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { PointKey, Revealed } from '@/backend/bindings';
import { FailureView, useBackend } from '@/shared';

/** How long a value stays in sight. */
const REVEALED_MS = 30_000;
const COPIED_MS = 2_000;

const useStyles = makeStyles({
	root: {
		display: 'grid',
		gridTemplateColumns: 'max-content minmax(0, 1fr) max-content',
		alignItems: 'center',
		gap: '0 12px',
		margin: '0 12px 8px',
		padding: '4px 0',
		borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
		borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
		maxHeight: '40%',
		overflowY: 'auto',
	},
	key: { fontFamily: tokens.fontFamilyMonospace, fontSize: '12px' },
	value: {
		fontFamily: tokens.fontFamilyMonospace,
		fontSize: '12px',
		whiteSpace: 'pre-wrap',
		overflowWrap: 'anywhere',
		maxHeight: '160px',
		overflowY: 'auto',
	},
	note: { color: tokens.colorNeutralForeground3 },
});

interface SecretValueProps {
	point: PointKey;
	/** Number of the object. */
	row: number;
	name: string;
}

/** One value: masked, in sight for 30 seconds once it is revealed, and never kept anywhere else. */
function SecretValue({ point, row, name }: SecretValueProps) {
	const styles = useStyles();
	const backend = useBackend();
	const [revealed, setRevealed] = useState<Revealed>();
	const read = useMutation({ mutationFn: () => backend.revealSecret(point, row, name), gcTime: 0 });
	useEffect(() => {
		if (!revealed) return;
		const timer = setTimeout(() => setRevealed(undefined), REVEALED_MS);
		return () => clearTimeout(timer);
	}, [revealed]);
	const reveal = () =>
		read.mutate(undefined, {
			onSuccess: (value) => {
				setRevealed(value);
				read.reset();
			},
		});
	const copy = useMutation({
		mutationFn: async () => backend.copyText((await backend.revealSecret(point, row, name)).value),
		onSuccess: () => void setTimeout(() => copy.reset(), COPIED_MS),
		gcTime: 0,
	});
	const failed = copy.error ?? read.error;
	return (
		<>
			<span className={styles.key}>{name}</span>
			<span className={styles.value}>
				{revealed ? revealed.value : '••••'}
				{revealed?.binary && <span className={styles.note}> (Base64, because it is no text)</span>}
			</span>
			<span>
				{revealed ? (
					<Button size="small" appearance="subtle" onClick={() => setRevealed(undefined)}>
						Hide
					</Button>
				) : (
					<Button size="small" appearance="subtle" aria-label={`Reveal ${name}`} onClick={reveal}>
						Reveal
					</Button>
				)}
				<Button size="small" appearance="subtle" aria-label={`Copy ${name}`} onClick={() => copy.mutate()}>
					{copy.isSuccess ? 'Copied' : 'Copy'}
				</Button>
			</span>
			{failed && (
				<div style={{ gridColumn: '1 / -1' }}>
					<FailureView failure={failed} />
				</div>
			)}
		</>
	);
}

/** The values of a Secret, each revealed on its own. */
export function SecretValues({ point, row, keys }: { point: PointKey; row: number; keys: string[] }) {
	const styles = useStyles();
	return (
		<section className={styles.root} aria-label="Values">
			{keys.map((key) => (
				<SecretValue key={key} point={point} row={row} name={key} />
			))}
		</section>
	);
}
