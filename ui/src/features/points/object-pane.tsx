import { Button, makeStyles, Spinner, ToggleButton, Tooltip, tokens } from '@fluentui/react-components';
import { DismissRegular, TextWrapRegular } from '@fluentui/react-icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ObjectRow, PointKey } from '@/backend/bindings';
import { CopyButton, FailureView, useBackend } from '@/shared';
import { YamlView } from '@/shared/code';
import { readStored, writeStored } from '@/shared/stored';
import { SecretValues } from './secret-values';

const useStyles = makeStyles({
	root: { display: 'flex', flexDirection: 'column', flexGrow: 1, minWidth: 0, minHeight: 0 },
	head: { display: 'flex', alignItems: 'flex-start', gap: '8px', padding: '8px 8px 4px 12px' },
	title: { flexGrow: 1, minWidth: 0, margin: 0, fontSize: '14px', lineHeight: '20px', overflowWrap: 'anywhere' },
	kind: { display: 'block', fontWeight: 400, fontSize: '12px', color: tokens.colorNeutralForeground2 },
	tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px', padding: '0 8px 4px 12px' },
});

/** A switch that is remembered. */
function useStored(key: string, first: boolean): [boolean, () => void] {
	const [on, setOn] = useState(() => (readStored(key) ?? String(first)) === 'true');
	return [
		on,
		() => {
			setOn(!on);
			writeStored(key, String(!on));
		},
	];
}

interface ObjectPaneProps {
	point: PointKey;
	row: ObjectRow;
	onClose: () => void;
}

/** One object of a recovery point as YAML. */
export function ObjectPane({ point, row, onClose }: ObjectPaneProps) {
	const styles = useStyles();
	const backend = useBackend();
	const [plain, togglePlain] = useStored('hide-server-fields', true);
	const [wrap, toggleWrap] = useStored('wrap', false);
	const text = useQuery({
		queryKey: ['point', point.vaultId, point.point, 'text', row.row, plain],
		queryFn: () => backend.objectText(point, row.row, plain),
		placeholderData: keepPreviousData,
	});
	return (
		<section
			className={styles.root}
			aria-label={`${row.kind} ${row.name}`}
			onKeyDown={(event) => event.key === 'Escape' && !event.defaultPrevented && onClose()}
		>
			<div className={styles.head}>
				<h2 className={styles.title}>
					{row.name}
					<span className={styles.kind}>
						{row.kind} {row.namespace ? `in ${row.namespace}` : 'cluster-scoped'}
						{row.owner && `, owned by ${row.owner.replace('/', ' ')}`}
					</span>
				</h2>
				<Tooltip content="Close (Esc)" relationship="label">
					<Button size="small" appearance="subtle" icon={<DismissRegular />} onClick={onClose} />
				</Tooltip>
			</div>
			{text.error ? (
				<div style={{ padding: '0 12px' }}>
					<FailureView failure={text.error} onRetry={() => text.refetch()} />
				</div>
			) : (
				<>
					<div className={styles.tools}>
						<ToggleButton size="small" checked={plain} onClick={togglePlain}>
							Hide server fields
						</ToggleButton>
						<Tooltip content="Wrap long lines" relationship="label">
							<ToggleButton size="small" checked={wrap} icon={<TextWrapRegular />} onClick={toggleWrap} />
						</Tooltip>
						{text.data && <CopyButton text={text.data.yaml} label="Copy the YAML" words="Copy" />}
					</div>
					{text.data && text.data.secretKeys.length > 0 && !text.isPlaceholderData && (
						<SecretValues key={row.row} point={point} row={row.row} keys={text.data.secretKeys} />
					)}
					{text.data ? (
						<YamlView text={text.data.yaml} label={`${row.kind} ${row.name} as YAML`} wrap={wrap} />
					) : (
						<Spinner size="tiny" label="Reading" />
					)}
				</>
			)}
		</section>
	);
}
