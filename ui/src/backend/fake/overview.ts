import type { Backend } from '../backend';
import type { Attention, DayCount, JobDetails, VaultRow } from '../bindings';
import { clusterRows } from './clusters';
import type { FakeHost } from './host';
import type { FakePoint } from './points';

const DAY = 86_400_000;

type Vaults = () => Promise<VaultRow[]>;

/** The first screen, put together from the other parts. */
export function overviewPart(
	host: FakeHost,
	points: FakePoint[],
	jobs: Map<string, JobDetails>,
	vaults: Vaults,
): Pick<Backend, 'overview'> {
	return {
		async overview() {
			const clusters = clusterRows(host, points).toSorted((a, b) => a.points - b.points);
			const known = await vaults();
			const rows = [...jobs.values()].map((job) => job.row).toSorted((a, b) => b.started.localeCompare(a.started));
			const days = Array.from({ length: 7 }, (_, at): DayCount => {
				const day = new Date(host.now().getTime() - (6 - at) * DAY).toISOString().slice(0, 10);
				const failed = rows.filter(
					(row) => row.kind === 'backup' && row.state === 'failed' && row.started.startsWith(day),
				);
				return { day, points: points.filter(({ row }) => row.started?.startsWith(day)).length, failed: failed.length };
			});
			return {
				clusters,
				protected: clusters.filter((cluster) => cluster.points > 0).length,
				vaults: known.length,
				points: points.length,
				attention: host.empty ? [] : attention(points, jobs, known),
				jobs: rows.toSorted((a, b) => Number(b.state === 'running') - Number(a.state === 'running')).slice(0, 8),
				days,
				asOf: host.now().toISOString(),
			};
		},
	};
}

function attention(points: FakePoint[], jobs: Map<string, JobDetails>, vaults: VaultRow[]): Attention[] {
	const list: Attention[] = [];
	for (const vault of vaults) {
		if (vault.failure)
			list.push({ kind: 'vaultFailing', subject: vault.name, message: vault.failure.message, vaultId: vault.id });
	}
	for (const { row, failure } of jobs.values()) {
		if (row.state === 'failed' && failure) {
			list.push({
				kind: 'lastFailed',
				subject: row.cluster,
				message: `backup failed: ${failure.message}`,
				clusterId: row.cluster,
				vaultId: row.vaultId,
				jobId: row.id,
				time: row.started,
			});
		}
	}
	for (const { row } of points) {
		if (row.state === 'partial') {
			list.push({
				kind: 'lastPartial',
				subject: row.cluster,
				message: `last recovery point is Partial: ${row.warnings} warnings`,
				clusterId: row.cluster,
				vaultId: row.vaultId,
				point: row.name,
				...(row.started ? { time: row.started } : {}),
			});
		}
		if (row.state === 'unreadable') {
			list.push({
				kind: 'pointUnreadable',
				subject: row.name,
				message: row.reason ?? 'cannot be read',
				vaultId: row.vaultId,
				point: row.name,
			});
		}
	}
	list.push({ kind: 'neverBackedUp', subject: 'dev-neu', message: 'has no recovery point', clusterId: 'dev-neu' });
	return list;
}
