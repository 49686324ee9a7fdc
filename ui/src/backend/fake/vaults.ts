import type { Backend } from '../backend';
import type { AccessReport, AddVault, Failure, VaultRow } from '../bindings';
import { type FakeHost, failure, progress } from './host';
import { type FakePoint, VAULTS } from './points';

function examples(asOf: string): VaultRow[] {
	const blob = 'https://contosobackups.blob.core.windows.net/aksbackups';
	return [
		{
			id: VAULTS.folder,
			name: 'local',
			url: 'file:///srv/backups',
			kind: 'folder',
			auth: 'auto',
			readOnly: false,
			points: 0,
			bytes: 0,
			asOf,
		},
		{
			id: VAULTS.blob,
			name: 'aksbackups',
			url: blob,
			kind: 'blob',
			auth: 'cli',
			readOnly: false,
			points: 0,
			bytes: 0,
			asOf,
		},
	];
}

const UNREACHABLE = failure(
	'vaultUnreachable',
	'vault aksbackups cannot be reached: contosobackups.blob.core.windows.net is not found',
	{
		guidance: 'Check the network, or the proxy in Settings, and try again.',
		retryable: true,
		details:
			'GET https://contosobackups.blob.core.windows.net/aksbackups?comp=list: dns error: failed to lookup address information',
	},
);

/** The containers that answer 403, as one does where the role is missing. */
const FORBIDDEN = /forbidden/;

const ROLE_MISSING = failure('vaultForbidden', 'ada@contoso.example may not list blobs in this container', {
	guidance: 'Ask for the role "Storage Blob Data Contributor" on the container; it takes a few minutes to hold.',
	details: 'GET ?restype=container&comp=list: 403 AuthorizationPermissionMismatch',
});

function report({ url, create }: AddVault, why: Failure | undefined): AccessReport {
	const blob = url.startsWith('https:');
	const identity = blob ? 'ada@contoso.example (Azure CLI)' : 'ada';
	const names = blob
		? ['Sign in', 'List blobs', 'Write a blob', 'Delete a blob']
		: ['Open the folder', 'Write a file', 'Make a hard link'];
	const broken = why ? 1 : names.length;
	const steps = names.map((name, at) => {
		if (at > broken) return { name, message: 'not tried' };
		if (at === broken) return { name, ok: false, message: why?.details ?? '' };
		return { name, ok: true, message: at === 0 ? identity : 'allowed' };
	});
	const exists = !create;
	return { ok: !why, exists, readOnly: false, identity, steps, ...(why ? { failure: why } : {}) };
}

type VaultsPart = Pick<Backend, 'vaults' | 'checkVault' | 'addVault' | 'forgetVault' | 'refreshVault'>;

/** The calls about vaults. */
export function vaultsPart(host: FakeHost, vaults: VaultRow[], points: FakePoint[]): VaultsPart {
	if (!host.empty) vaults.push(...examples(host.now().toISOString()));
	const counted = (vault: VaultRow): VaultRow => {
		const own = points.filter(({ row }) => row.vaultId === vault.id);
		const bytes = own.reduce((sum, { row }) => sum + row.archiveBytes, 0);
		return { ...vault, points: own.length, bytes, ...(vault.id === host.failingVault ? { failure: UNREACHABLE } : {}) };
	};
	const check = ({ url }: AddVault): Failure | undefined => {
		if (!/^(file:\/\/\/|\/|https:\/\/).+/.test(url)) {
			throw failure('invalidInput', `address: "${url}" is neither a folder nor a blob container`, {
				guidance: 'Such as /srv/backups or https://account.blob.core.windows.net/container.',
			});
		}
		return FORBIDDEN.test(url) ? ROLE_MISSING : undefined;
	};
	return {
		vaults: async () => vaults.map(counted),
		async checkVault(vault, requestId) {
			const why = check(vault);
			await progress(host, requestId, [{ phase: 'checking', detail: 'List blobs', done: 0, rate: 0 }]);
			return report(vault, why);
		},
		async addVault(vault) {
			const why = check(vault);
			if (why) throw why;
			const url = vault.url.startsWith('/') ? `file://${vault.url}` : vault.url;
			if (vaults.some((each) => each.url === url)) {
				throw failure('alreadyExists', `${url} is a vault here already`, { guidance: 'Use the one in the list.' });
			}
			const name = vault.name || url.split('/').filter(Boolean).at(-1) || url;
			const kind = url.startsWith('file:') ? 'folder' : 'blob';
			const asOf = host.now().toISOString();
			const row: VaultRow = {
				id: `vault-${vaults.length + 1}`,
				name,
				url,
				kind,
				auth: vault.auth,
				readOnly: false,
				points: 0,
				bytes: 0,
				asOf,
			};
			vaults.push(row);
			host.emit({ type: 'changed', topics: ['vaults', 'points', 'jobs'] });
			return row;
		},
		async forgetVault(vaultId) {
			vaults.splice(0, vaults.length, ...vaults.filter((each) => each.id !== vaultId));
			host.emit({ type: 'changed', topics: ['vaults', 'points', 'jobs'] });
		},
		async refreshVault(vaultId) {
			const vault = vaults.find((each) => each.id === vaultId);
			if (!vault) throw failure('notFound', 'this vault is not known any more');
			vault.asOf = host.now().toISOString();
			return counted(vault);
		},
	};
}
