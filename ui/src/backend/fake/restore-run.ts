import type { JobKind, JobPhase, JobRow, Outcome, PlanRow } from '../bindings';
import { type FakeHost, wait } from './host';
import { afterRun, type FakePlan, warningsOf, waveOf } from './plans';

const STEPS = 40;

type Run = Pick<FakePlan, 'id' | 'request' | 'entries'>;

/** Starts the run of a plan and gives the job's id; `reports` has the outcomes so far under it. */
export function runPlan(host: FakeHost, kind: JobKind, plan: Run, reports: Map<string, PlanRow[]>): string {
	const { point } = plan.request.point;
	const id = `${kind}-${plan.id}-${point}`;
	const mapped = plan.request.mappings.map(({ from, to }) => `${from} → ${to}`).join(', ');
	const row: JobRow = {
		id,
		vaultId: plan.request.point.vaultId,
		vaultName: host.vaultName(plan.request.point.vaultId),
		kind,
		state: 'running',
		point,
		cluster: host.clusterName(plan.request.clusterId),
		summary: mapped,
		started: host.now().toISOString(),
		objects: 0,
		warnings: 0,
		failures: 0,
		own: true,
		progress: { phase: 'reading the recovery point', detail: '', done: 0, rate: 0 },
	};
	reports.set(
		id,
		plan.entries.map((entry) => entry.row),
	);
	host.putJob({ row, phases: [], warnings: [], outcomes: [], hasReport: true, hooks: 0, origin: 'this computer' });
	void run(host, plan, reports, id);
	return id;
}

async function run(host: FakeHost, plan: Run, reports: Map<string, PlanRow[]>, id: string): Promise<void> {
	const rows = [...(reports.get(id) ?? [])];
	const phases: JobPhase[] = [];
	const total = rows.length;
	const chunk = Math.max(1, Math.ceil(total / STEPS));
	let done = 0;
	const now = () => host.now().toISOString();
	const show = (change: Partial<JobRow>): void => {
		const job = host.job(id);
		if (!job) return;
		const counts = tally(rows);
		const failures = (counts.get('failed') ?? 0) + (counts.get('blocked') ?? 0);
		const { progress: _, ...row } = job.row;
		host.putJob({
			...job,
			phases: structuredClone(phases),
			outcomes: [...counts],
			warnings: warningsOf(rows),
			row: { ...row, objects: done, failures, warnings: failures, ...change },
		});
	};
	const ends = (state: JobRow['state']): void => {
		const last = phases.at(-1);
		if (last) last.ended = now();
		show({ state, ended: now() });
	};
	while (done < total) {
		await wait(host.step);
		if (host.job(id)?.row.state !== 'running') return ends('cancelled');
		for (const entry of plan.entries.slice(done, done + chunk)) rows[entry.row.entry] = afterRun(entry);
		done = Math.min(total, done + chunk);
		reports.set(id, [...rows]);
		const label = waveOf(rows[done - 1]?.kind ?? '')[1];
		if (phases.at(-1)?.name !== label) {
			const last = phases.at(-1);
			if (last) last.ended = now();
			phases.push({ name: label, started: now(), done: 0 });
		}
		const phase = phases.at(-1);
		if (phase) phase.done += chunk;
		const rate = Math.round((chunk * 1000) / Math.max(1, host.step));
		const remainingMs = Math.round(((total - done) / chunk) * host.step);
		show({ progress: { phase: label, detail: '', done, total, rate, remainingMs } });
	}
	ends(rows.some(({ outcome }) => outcome === 'failed' || outcome === 'blocked') ? 'partial' : 'completed');
}

function tally(rows: PlanRow[]): Map<Outcome, number> {
	const counts = new Map<Outcome, number>();
	for (const { outcome } of rows) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
	return counts;
}
