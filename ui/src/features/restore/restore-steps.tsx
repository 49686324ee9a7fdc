import { useClusters } from '@/shared';
import type { Draft } from './draft';
import type { Part, Restore } from './kept-restore';
import { Step, Steps } from './step';
import { StepRules } from './step-rules';
import { StepWhat } from './step-what';
import { StepWhere } from './step-where';
import { rulesWords, whatWords, whereWords } from './summaries';
import { useUpdate } from './use-restore';

/** The name of the cluster that is restored into. */
export function useClusterName({ clusterId }: Draft): string {
	const clusters = useClusters();
	return clusters.data?.find(({ id }) => id === clusterId)?.name ?? clusterId ?? '';
}

/** What is filled in before a restore is planned. */
export function RestoreSteps({ restore, onChange }: { restore: Restore; onChange: (change: Partial<Draft>) => void }) {
	const { draft, open, job, planned } = restore;
	const update = useUpdate(restore.id);
	const cluster = useClusterName(draft);
	const folded = open.size === 0;
	const toggle = (part: Part) => {
		const next = new Set(open);
		if (!next.delete(part)) next.add(part);
		update({ open: next });
	};
	const step = (part: Part) => ({
		open: open.has(part),
		onToggle: () => toggle(part),
		// What an earlier restore asked for is gone on with as it was.
		locked: job !== undefined || planned?.retry !== undefined,
		inRow: folded,
	});
	return (
		<Steps inRow={folded}>
			<Step number={1} title="What" summary={whatWords(draft)} {...step('what')}>
				<StepWhat draft={draft} onChange={onChange} />
			</Step>
			<Step number={2} title="Where" summary={whereWords(draft, cluster)} {...step('where')}>
				<StepWhere draft={draft} onChange={onChange} />
			</Step>
			<Step number={3} title="Rules" summary={rulesWords(draft)} {...step('rules')}>
				<StepRules draft={draft} onChange={onChange} />
			</Step>
		</Steps>
	);
}
