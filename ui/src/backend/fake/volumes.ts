import type { Backend } from '../backend';
import type { HookRow, JobDetails, PointVolumes, PointWarning, SnapshotFacts, VolumeRow } from '../bindings';
import { hash, suffix } from './catalogue';
import { type FakePoint, findPoint } from './points';
import { RESTORE_HOOKS } from './restore-hooks';

const GIB = 2 ** 30;
const SUBSCRIPTION = '/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups';
/** From here on its records have long names. */
const LONG = /^holdfast-prod-weu-customer/;

interface Claim {
	namespace: string;
	name: string;
	app: string;
}

/** The claims of a point, by namespace and name. */
function claimsOf({ objects }: FakePoint): Claim[] {
	const rows = objects.ofKind('PersistentVolumeClaim');
	const claims = rows.map(({ namespace, name, labels }) => ({ namespace, name, app: labels.app ?? '' }));
	return claims.sort((a, b) => `${a.namespace}/${a.name}`.localeCompare(`${b.namespace}/${b.name}`));
}

function snapshot(point: FakePoint, claim: Claim, bytes: number): SnapshotFacts {
	const id = suffix(`${point.row.name}${claim.namespace}${claim.name}`, 8);
	const name = `holdfast-${suffix(claim.namespace, 5)}-${claim.name}-${id}`;
	const cut = Date.parse(point.row.started ?? '') + 900 + (hash(name) % 4000);
	return {
		handle: `${SUBSCRIPTION}/contoso-aks-snapshots/providers/Microsoft.Compute/snapshots/snapshot-${id}-4f0e-9d57-${suffix(name, 12)}`,
		driver: 'disk.csi.azure.com',
		class: 'csi-azuredisk-vsc',
		name,
		content: `snapcontent-${id}-${suffix(name, 12)}`,
		restoreBytes: bytes,
		cut: new Date(cut).toISOString(),
		ready: true,
		incremental: true,
		resourceGroup: 'contoso-aks-snapshots',
	};
}

function volume(point: FakePoint, claim: Claim, at: number): VolumeRow {
	const gib = claim.app === 'kafka' ? 512 : claim.app === 'redis' ? 4 : 64;
	const volume = `pvc-${suffix(claim.namespace + claim.app, 8)}-93c1-4be2-a1a7-${suffix(claim.name, 12)}`;
	const long = LONG.test(point.row.name)
		? '-of-the-customer-facing-storefront-in-west-europe-before-the-mesh-upgrade'
		: '';
	const row: VolumeRow = {
		namespace: claim.namespace,
		claim: claim.name + long,
		state: 'snapshotted',
		reason: '',
		volume,
		driver: 'disk.csi.azure.com',
		volumeHandle: `${SUBSCRIPTION}/MC_contoso_prod_westeurope/providers/Microsoft.Compute/disks/${volume}`,
		storageClass: claim.app === 'kafka' ? 'managed-csi-premium' : 'managed-csi',
		accessModes: ['ReadWriteOnce'],
		volumeMode: 'Filesystem',
		filesystem: 'ext4',
		size: `${gib}Gi`,
		bytes: gib * GIB,
		reclaimPolicy: 'Delete',
		pods: [`${claim.app}-0`],
	};
	const cut = snapshot(point, claim, gib * GIB);
	// A partial point shows everything that may become of a claim; what is skipped leaves a point completed.
	const kind = point.row.state === 'partial' || (at > 100 && at % 40 === 1) ? at % 40 : 0;
	if (kind === 1) {
		return {
			...row,
			state: 'skipped',
			reason: 'volumes of file.csi.azure.com (Azure Files) are not backed up; copy the share by another way',
			driver: 'file.csi.azure.com',
			volumeHandle: `contoso-rg#contosofiles#${volume}###${claim.namespace}`,
			storageClass: 'azurefile-csi',
			accessModes: ['ReadWriteMany'],
			filesystem: '',
		};
	}
	if (kind === 2) {
		return {
			...row,
			state: 'failed',
			reason:
				'its snapshot failed: rpc error: code = ResourceExhausted desc = QuotaExceeded: the subscription has reached its limit of 50 snapshots in westeurope',
		};
	}
	if (kind === 5) return { ...row, snapshot: { ...cut, ready: false } };
	return { ...row, snapshot: cut };
}

function hooksOf(point: FakePoint, volumes: VolumeRow[]): HookRow[] {
	const held = volumes.filter(({ pods, state }) => pods[0] === 'postgres-0' && state === 'snapshotted').slice(0, 12);
	const begin = Date.parse(point.row.started ?? '') + 800;
	return held.flatMap(({ namespace }, at): HookRow[] => {
		const fails = point.row.state === 'partial' && at === 1;
		const run = {
			namespace,
			pod: 'postgres-0',
			container: 'postgresql',
			hook: 'default/postgresql: checkpoint',
			started: new Date(begin + at * 40).toISOString(),
		};
		return [
			{
				...run,
				phase: 'pre',
				command: ['/bin/sh', '-c', 'set -eu\nexec psql -X -q -U postgres -d postgres -c CHECKPOINT'],
				durationMs: fails ? 30_000 : 180 + (hash(namespace) % 900),
				failure: fails ? 'it did not end within 30s' : '',
				output: fails
					? `${'NOTICE:  waiting for the checkpoint of another session\n'.repeat(40)}[the rest was cut off]`
					: 'CHECKPOINT\n',
			},
			{
				...run,
				started: new Date(begin + at * 40 + 1800).toISOString(),
				phase: 'post',
				command: ['/bin/sh', '-c', 'echo "the cut is done"'],
				durationMs: 34,
				failure: '',
				output: at === 0 ? '' : 'the cut is done\n',
			},
		];
	});
}

/** What a point says of its volumes. Those of every day were taken without, and another program's are not known in lists. */
export function volumesOf(point: FakePoint): PointVolumes {
	const { row } = point;
	const claims = claimsOf(point);
	const base = { point: { vaultId: row.vaultId, point: row.name }, claims: claims.length };
	if (!point.cut) return { ...base, region: '', volumes: [], hooks: [], holds: [] };
	const volumes = claims.map((claim, at) => volume(point, claim, at));
	const hooks = hooksOf(point, volumes);
	const holds = hooks
		.filter(({ phase }) => phase === 'pre')
		.map(({ namespace, pod, durationMs }) => ({ namespace, pod, durationMs: durationMs + 1_300 }));
	return { ...base, region: 'westeurope', volumes, hooks, holds };
}

/** What of its volumes a point does not hold, as the engine words it. */
export function volumeWarnings(point: FakePoint): PointWarning[] {
	return volumesOf(point).volumes.flatMap(({ namespace, claim, reason, snapshot }): PointWarning[] => {
		const about = { resource: 'persistentvolumeclaims', namespace, claim };
		if (reason) {
			return [
				{ ...about, message: `the data of claim ${namespace}/${claim} is not in this recovery point: ${reason}` },
			];
		}
		if (snapshot?.ready !== false) return [];
		const message = `the snapshot of claim ${namespace}/${claim} was taken, but was not ready in time: it is being copied; it may become so`;
		return [{ ...about, message }];
	});
}

type VolumesPart = Pick<
	Backend,
	'pointVolumes' | 'jobVolumes' | 'jobHooks' | 'backupHooks' | 'restoreHooks' | 'storageClasses'
>;

/** The calls about volumes, and what a cluster has to choose from for them. */
export function volumesPart(points: FakePoint[], jobs: Map<string, JobDetails>): VolumesPart {
	return {
		pointVolumes: async (key) => volumesOf(findPoint(points, key)),
		async jobVolumes(vaultId, jobId) {
			const job = jobs.get(jobId)?.row;
			const made = job?.kind === 'backup' && (job.state === 'completed' || job.state === 'partial');
			const point = points.find(({ row }) => row.vaultId === vaultId && row.name === job?.point);
			return made && point ? volumesOf(point) : null;
		},
		jobHooks: async (_, jobId) => (jobs.get(jobId)?.hooks ? RESTORE_HOOKS : []),
		backupHooks: async (clusterId) => (clusterId === 'fleet-neu' ? [] : ['default/postgresql', 'shop/freeze-redis']),
		restoreHooks: async (clusterId) => (clusterId === 'fleet-neu' ? [] : ['default/postgresql']),
		storageClasses: async () => [
			{ name: 'azurefile-csi', provisioner: 'file.csi.azure.com', default: false },
			{ name: 'managed-csi', provisioner: 'disk.csi.azure.com', default: true },
			{ name: 'managed-csi-premium', provisioner: 'disk.csi.azure.com', default: false },
			{ name: 'managed-csi-zrs', provisioner: 'disk.csi.azure.com', default: false },
		],
	};
}
