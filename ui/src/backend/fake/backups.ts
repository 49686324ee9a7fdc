import type { Backend } from '../backend';
import type { BackupRequest, JobPhase, JobRow, KindCount, ObjectRow, Selection } from '../bindings';
import { clusterFailure, findCluster } from './clusters';
import { type FakeHost, failure, progress, wait } from './host';
import type { FakePoint } from './points';
import { select } from './selection';
import { volumesOf } from './volumes';

const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const STEPS = 30;

type BackupsPart = Pick<Backend, 'previewSelection' | 'suggestPointName' | 'backupCommand' | 'startBackup'>;

/** The calls around a backup. */
export function backupsPart(host: FakeHost, points: FakePoint[], allowed: () => Promise<string[]>): BackupsPart {
	const matching = (clusterId: string, selection: Selection): ObjectRow[] => {
		const { objects } = findCluster(clusterId);
		return select(
			Array.from({ length: objects.size }, (_, at) => objects.at(at)),
			selection,
		);
	};
	const demand = async (clusterId: string): Promise<void> => {
		const why = clusterFailure(clusterId, await allowed());
		if (why) throw why;
	};
	return {
		async previewSelection(clusterId, selection, _fresh, requestId) {
			await progress(host, requestId, [{ phase: 'listing', detail: '', done: 0, rate: 0 }]);
			await demand(clusterId);
			const rows = matching(clusterId, selection);
			const kinds = new Map<string, KindCount>();
			for (const { group, version, kind, resource, namespace } of rows) {
				const known = kinds.get(resource);
				if (known) known.objects += 1;
				else kinds.set(resource, { group, version, kind, resource, namespaced: namespace !== '', objects: 1 });
			}
			return {
				objects: rows.length,
				namespaces: new Set(rows.map((row) => row.namespace).filter(Boolean)).size,
				claims: kinds.get('persistentvolumeclaims')?.objects ?? 0,
				kinds: [...kinds.values()].toSorted((a, b) => b.objects - a.objects),
				gaps:
					clusterId === 'prod-weu' ? ['pods.metrics.k8s.io: its server does not answer (503 ServiceUnavailable)'] : [],
				asOf: host.now().toISOString(),
			};
		},
		async suggestPointName(clusterId) {
			const stamp = host.now().toISOString().replaceAll('-', '').replaceAll(':', '').replace('T', '-');
			return `${clusterId}-${stamp.slice(0, 13)}`;
		},
		async backupCommand(request) {
			return command(request);
		},
		async startBackup(request) {
			if (!NAME.test(request.name)) {
				throw failure('invalidInput', `name: "${request.name}" cannot be the name of a recovery point`, {
					guidance: 'Lower-case letters, digits and hyphens; at most 63 characters.',
				});
			}
			if (points.some(({ row }) => row.vaultId === request.vaultId && row.name === request.name)) {
				throw failure('alreadyExists', `recovery point ${request.name} is in this vault already`, {
					guidance: 'Choose another name.',
				});
			}
			await demand(request.clusterId);
			return run(host, points, request, matching(request.clusterId, request.selection).length);
		},
	};
}

function command({ clusterId, vaultId, name, selection, volumes }: BackupRequest): string {
	const flags = [
		['--include-namespaces', selection.includeNamespaces.join(',')],
		['--exclude-namespaces', selection.excludeNamespaces.join(',')],
		['--include-resources', selection.includeResources.join(',')],
		['--exclude-resources', selection.excludeResources.join(',')],
		['--selector', selection.labelSelector],
		['--include-cluster-resources', { auto: '', all: 'true', none: 'false' }[selection.clusterScoped]],
		['--snapshot-volumes', volumes.snapshots ? '' : 'false'],
		['--snapshot-timeout', volumes.timeoutSeconds === 600 ? '' : `${volumes.timeoutSeconds / 60}m`],
		['--freeze-timeout', volumes.freezeSeconds === 60 ? '' : `${volumes.freezeSeconds}s`],
		['--snapshot-concurrency', volumes.atOnce === 16 ? '' : `${volumes.atOnce}`],
		['--snapshot-class', volumes.snapshotClass && `disk.csi.azure.com=${volumes.snapshotClass}`],
		['--hooks', volumes.hooks.join(',')],
	];
	const given = flags.filter(([, value]) => value).map(([flag, value]) => ` ${flag} ${value}`);
	const secrets = selection.excludeSecrets ? ' --exclude-secrets' : '';
	return `holdfast backup --cluster ${clusterId} --vault ${vaultId} --name ${name}${given.join('')}${secrets}`;
}

function run(host: FakeHost, points: FakePoint[], request: BackupRequest, total: number): string {
	const id = `backup-${request.name}`;
	const { name: cluster, version, objects } = findCluster(request.clusterId);
	const started = host.now().toISOString();
	const row: JobRow = {
		id,
		vaultId: request.vaultId,
		vaultName: host.vaultName(request.vaultId),
		kind: 'backup',
		state: 'running',
		point: request.name,
		cluster,
		summary: '',
		started,
		objects: 0,
		warnings: 0,
		failures: 0,
		own: true,
		progress: { phase: 'discovery', detail: '', done: 0, rate: 0 },
	};
	host.putJob({ row, phases: [], warnings: [], outcomes: [], hasReport: false, hooks: 0, origin: 'ada on thinkpad' });
	const { progress: _, ...plain } = row;
	const going = async (): Promise<void> => {
		const phases: JobPhase[] = [{ name: 'discovery', started, done: 0 }];
		const turn = (name: string) => {
			const at = host.now().toISOString();
			const last = phases.at(-1);
			if (last) last.ended = at;
			if (name) phases.push({ name, started: at, done: 0 });
		};
		const put = (change: Partial<JobRow>) => {
			const job = host.job(id);
			if (job) host.putJob({ ...job, phases: structuredClone(phases), row: { ...plain, ...change } });
		};
		await wait(host.step * 2);
		turn('listing');
		for (let step = 1; step <= STEPS; step += 1) {
			await wait(host.step);
			if (host.job(id)?.row.state !== 'running') return;
			const done = Math.round((total * step) / STEPS);
			const listing = phases.at(-1);
			if (listing) listing.done = done;
			const rate = Math.round(total / STEPS / (Math.max(1, host.step) / 1000));
			const remainingMs = (STEPS - step) * host.step;
			put({ objects: done, progress: { phase: 'listing', detail: 'configmaps', done, total, rate, remainingMs } });
		}
		turn('');
		const ended = host.now().toISOString();
		const point: FakePoint = {
			objects,
			cut: request.volumes.snapshots,
			row: {
				vaultId: request.vaultId,
				vaultName: row.vaultName,
				name: request.name,
				state: 'completed',
				cluster: request.clusterId,
				clusterVersion: version,
				started,
				completed: ended,
				objects: total,
				archiveBytes: total * 214,
				rawBytes: total * 2480,
				warnings: 0,
				foreign: false,
			},
		};
		point.row.snapshots = volumesOf(point).volumes.length;
		points.unshift(point);
		put({ state: 'completed', ended, objects: total });
	};
	void going();
	return id;
}
