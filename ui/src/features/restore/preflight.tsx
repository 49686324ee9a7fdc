import { Button, makeStyles, tokens } from '@fluentui/react-components';
import { ChevronDownRegular, ChevronRightRegular } from '@fluentui/react-icons';
import { useId, useState } from 'react';
import type { Finding, FindingLevel, PlanSummary } from '@/backend/bindings';
import { plural, type Status, StatusDot } from '@/shared';
import { headline } from '@/shared/failure';

const LEVELS: [level: FindingLevel, status: Status, title: string, words: (count: number) => string][] = [
	['blocking', 'blocked', 'Blocking', (count) => `${count} blocking`],
	['warning', 'partial', 'Warnings', (count) => plural(count, 'warning')],
	['info', 'planned', 'Good to know', (count) => plural(count, 'note')],
];

const useStyles = makeStyles({
	root: { display: 'grid', gap: '4px', padding: '0 24px 8px', fontSize: '13px', lineHeight: '20px' },
	head: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: '4px 12px' },
	body: { display: 'grid', gap: '8px', maxHeight: '220px', overflowY: 'auto', paddingLeft: '8px' },
	title: { margin: 0, fontSize: '12px', lineHeight: '20px', fontWeight: 600 },
	list: { display: 'grid', gap: '4px', margin: 0, padding: 0, listStyleType: 'none' },
	finding: { display: 'flex', alignItems: 'flex-start', gap: '8px', overflowWrap: 'anywhere', minWidth: 0 },
	quiet: { color: tokens.colorNeutralForeground2 },
});

/** What trying a plan found, what blocks first; folded away where nothing does. */
export function Preflight({ summary: { findings, validated } }: { summary: PlanSummary }) {
	const styles = useStyles();
	const body = useId();
	const of = (level: FindingLevel) => findings.filter((finding) => finding.level === level);
	const [open, setOpen] = useState(of('blocking').length > 0);
	if (!validated) return null;
	if (findings.length === 0) {
		return (
			<div className={styles.root} role="status">
				<StatusDot status="completed" word="The server accepts everything that this plan writes." />
			</div>
		);
	}
	const told = LEVELS.filter(([level]) => of(level).length > 0);
	return (
		<section className={styles.root} aria-label="What trying found">
			<div className={styles.head}>
				<Button
					size="small"
					appearance="subtle"
					aria-expanded={open}
					aria-controls={body}
					icon={open ? <ChevronDownRegular /> : <ChevronRightRegular />}
					onClick={() => setOpen(!open)}
				>
					What trying found
				</Button>
				<span role="status" className={styles.head}>
					{told.map(([level, status, , words]) => (
						<StatusDot key={level} status={status} word={words(of(level).length)} />
					))}
				</span>
			</div>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keyboard */}
			<div id={body} className={styles.body} hidden={!open} tabIndex={0} style={open ? {} : { display: 'none' }}>
				{told.map(([level, status, title]) => (
					<div key={level}>
						<h3 className={styles.title}>{title}</h3>
						<ul className={styles.list}>
							{of(level).map((finding) => (
								<li key={finding.message} className={styles.finding}>
									<StatusDot status={status} word="" />
									<Words finding={finding} />
								</li>
							))}
						</ul>
					</div>
				))}
			</div>
		</section>
	);
}

function Words({ finding: { message, guidance, objects } }: { finding: Finding }) {
	const styles = useStyles();
	return (
		<span style={{ minWidth: 0 }}>
			{headline(message)}
			{objects > 0 && <span className={styles.quiet}> ({plural(objects, 'object')})</span>}
			{guidance && <div className={styles.quiet}>{guidance}</div>}
		</span>
	);
}
