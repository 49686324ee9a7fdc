import type { Finding } from '../bindings';
import { refusal } from './decide';
import type { Entry, FakePlan } from './plans';

/** The same plan after a dry run: what the server refuses is Blocked, in its words. */
export function tried(plan: FakePlan): FakePlan {
	const entries = plan.entries.map(({ object, row }): Entry => {
		const words = refusal(object, row.targetNamespace, row.action);
		return { object, row: words ? { ...row, action: 'blocked', reason: words } : row };
	});
	const refused = entries.filter(({ row }, at) => row.action !== plan.entries[at]?.row.action).length;
	const claims = entries.filter(({ row }) => row.kind === 'PersistentVolumeClaim' && row.action === 'create').length;
	const findings: Finding[] = [];
	if (refused > 0) {
		findings.push({
			level: 'blocking',
			check: 'trial',
			message: `the server refuses ${refused} objects of this plan`,
			guidance: 'Their reasons are in the plan; leave them out, or change them by resource modifiers.',
			objects: refused,
		});
	}
	if (claims > 0) {
		findings.push({
			level: 'warning',
			check: 'storageClasses',
			message: 'storage class managed-csi is not in the target; claims that ask for it stay Pending',
			guidance: 'Map it to a class of the target by a resource modifier.',
			objects: claims,
		});
	}
	findings.push(
		{
			level: 'warning',
			check: 'webhooks',
			message: 'webhook validation.gatekeeper.sh cannot take part in a dry run: it may refuse objects later',
			guidance: '',
			objects: entries.filter(({ row }) => row.kind === 'Deployment').length,
		},
		{
			level: 'info',
			check: 'version',
			message: 'the recovery point was taken of v1.34.2, and the target is v1.35.4',
			guidance: '',
			objects: 0,
		},
	);
	return { ...plan, entries, findings, validated: true };
}
