import { makeStyles, tokens } from '@fluentui/react-components';
import type { HookRow } from '@/backend/bindings';
import { AbsoluteTime, CopyButton, formatDuration, Pane, Section, StatusDot } from '@/shared';
import { Facts } from '@/shared/facts';
import { PHASES } from './words';

const useStyles = makeStyles({
	text: {
		margin: 0,
		padding: '6px 8px',
		maxHeight: '360px',
		overflow: 'auto',
		borderRadius: '4px',
		backgroundColor: tokens.colorNeutralBackground3,
		fontFamily: tokens.fontFamilyMonospace,
		fontSize: '12px',
		lineHeight: '18px',
		whiteSpace: 'pre-wrap',
		overflowWrap: 'anywhere',
		':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
	},
	quiet: { color: tokens.colorNeutralForeground2 },
});

/** One command that ran in a pod: all of it, how it ended, and what it wrote. */
export function HookPane({ run, onClose }: { run: HookRow; onClose: () => void }) {
	const styles = useStyles();
	return (
		<Pane title={run.hook} width={460} onClose={onClose}>
			<Section title="Run">
				<Facts
					facts={[
						['Result', <StatusDot key="result" status={run.failure ? 'failed' : 'succeeded'} />],
						['Why', run.failure],
						['Phase', PHASES[run.phase]],
						['Pod', `${run.namespace}/${run.pod}`],
						['Container', run.container],
						['Began', <AbsoluteTime key="began" time={run.started} />],
						['Took', formatDuration(run.durationMs)],
					]}
				/>
			</Section>
			<Section
				title="Command"
				note="one argument per line"
				actions={<CopyButton text={run.command.join('\n')} label="Copy the command" />}
			>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */}
				<pre className={styles.text} tabIndex={0} role="group" aria-label="Text of the command">
					{run.command.join('\n')}
				</pre>
			</Section>
			<Section title="Output" actions={run.output && <CopyButton text={run.output} label="Copy the output" />}>
				{run.output ? (
					/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */
					<pre className={styles.text} tabIndex={0} role="group" aria-label="Text of the output">
						{run.output}
					</pre>
				) : (
					<span className={styles.quiet}>It wrote nothing.</span>
				)}
			</Section>
		</Pane>
	);
}
