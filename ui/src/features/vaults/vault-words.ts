import type { VaultAuth, VaultRow } from '@/backend/bindings';
import { pathWords } from '@/shared';

/** Ways to sign in to a blob container, as shown. */
export const AUTH: Record<VaultAuth, { label: string; hint: string }> = {
	auto: { label: 'Automatic', hint: 'What the environment is set up for, else the Azure CLI' },
	cli: { label: 'Azure CLI', hint: 'Whoever is signed in with az login' },
	environment: { label: 'Environment', hint: 'AZURE_CLIENT_ID, AZURE_TENANT_ID and a secret or federated token' },
	managedIdentity: { label: 'Managed identity', hint: 'Of the Azure machine this runs on' },
	sas: { label: 'Shared access signature (SAS)', hint: 'Kept in the keyring of this computer' },
};

/** An address as people write it. */
export const addressWords = ({ kind, url }: VaultRow): string => (kind === 'folder' ? pathWords(url) : url);
