import { expect, it } from 'vitest';
import { warningFilter } from './warning-filter';

it('asks for a single object by what it is and by the reason', () => {
	const message = 'ClusterRole system:node: create clusterroles system:node: is forbidden';
	expect(warningFilter({ message, count: 1 })).toBe(
		'kind:ClusterRole name:system:node create clusterroles system:node: is forbidden',
	);
	expect(warningFilter({ message: 'Pod staging/web-0: exceeded quota', count: 1 })).toBe(
		'kind:Pod ns:staging name:web-0 exceeded quota',
	);
});

it('asks for several objects by the words around their names, none of which negates or asks for a field', () => {
	const message = 'create pods/… in staging: pods "…" is forbidden: --dry-run kind:Quota - exceeded quota, quota';
	expect(warningFilter({ message, count: 3 })).toBe(
		'create pods/ in staging: pods is forbidden: dry-run Quota exceeded quota, quota',
	);
});
