import { describe, expect, it } from 'vitest';
import type { Event, JobDetails, ObjectQuery } from '../bindings';
import type { FakeHost } from './host';
import { objectsPart } from './objects';
import { examplePoints } from './points';
import { restorePart } from './restore';

function host(): FakeHost & { events: Event[]; jobs: Map<string, JobDetails> } {
	const jobs = new Map<string, JobDetails>();
	const events: Event[] = [];
	return {
		jobs,
		events,
		now: () => new Date('2026-11-23T14:10:00Z'),
		emit: (event) => events.push(event),
		putJob: (job) => jobs.set(job.row.id, job),
		job: (id) => jobs.get(id),
		vaultName: (id) => id,
		clusterName: (id) => id,
		clusterFailure: () => undefined,
		isCancelled: () => false,
		step: 0,
		empty: false,
	};
}

describe('example points', () => {
	it('holds a point of 100,000 objects that filters fast and always says the same', async () => {
		const points = examplePoints(host());
		const fleet = points.find(({ row }) => row.objects === 100_000);
		if (!fleet) throw new Error('no point of 100,000 objects');
		const query: ObjectQuery = {
			point: { vaultId: fleet.row.vaultId, point: fleet.row.name },
			text: 'kind:Deployment ns:tenant-0007 -name:web',
			sort: 'kind',
			descending: false,
			offset: 0,
			limit: 200,
		};
		const page = await objectsPart(points).pointObjects(query);
		expect(page.of).toBe(100_000);
		expect(page.total).toBe(9);
		expect(page.rows.map((row) => row.name)).toEqual([...page.rows.map((row) => row.name)].sort());
	});
});

describe('example restore', () => {
	it('plans every action and ends with failures in the words of the server', async () => {
		const on = host();
		const points = examplePoints(on);
		const part = restorePart(on, points);
		const first = points[0]?.row;
		const summary = await part.planRestore(
			{
				point: { vaultId: first?.vaultId ?? '', point: first?.name ?? '' },
				clusterId: 'prod-weu',
				selection: {
					includeNamespaces: [],
					excludeNamespaces: [],
					includeResources: [],
					excludeResources: [],
					labelSelector: '',
					clusterScoped: 'auto',
					excludeSecrets: false,
				},
				objects: [],
				exclusions: [],
				mappings: [],
				conflictPolicy: 'patch',
				policies: ['horizontalpodautoscalers.autoscaling=recreate'],
				volumeMode: 'withData',
				storageClasses: [],
				hooks: [],
				modifiers: '',
			},
			'r1',
		);
		expect(Object.entries(summary.counts).filter(([, count]) => count === 0)).toEqual([
			['delete', 0],
			['skip', 0],
		]);
		const job = await part.startRestore(summary.id);
		while (on.jobs.get(job)?.row.state === 'running') await new Promise((done) => setTimeout(done, 1));
		const query = { actions: [], outcomes: ['failed' as const], text: '', sort: 'order' as const, descending: false };
		const failed = await part.jobItems('', job, { ...query, offset: 0, limit: 10 });
		expect(failed.total).toBeGreaterThan(0);
		expect(failed.rows[0]?.reason).toMatch(/\(4\d\d [A-Z]\w+\)$/);
	});
});
