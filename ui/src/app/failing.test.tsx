import { screen } from '@testing-library/react';
import { expect, it } from 'vitest';
import type { Backend } from '@/backend/backend';
import { renderApp } from '@/test/render-app';

const SCREENS: [address: string, call: keyof Backend][] = [
	['/', 'overview'],
	['/clusters', 'clusters'],
	['/points', 'points'],
	['/jobs', 'jobs'],
	['/vaults', 'vaults'],
];

it.each(SCREENS)('%s says that it could not be read, not that there is nothing', async (address, call) => {
	const failure = { code: 'internal' as const, message: 'the disk is full', guidance: '', retryable: true };
	renderApp(address, { failing: { [call]: failure } });
	expect(await screen.findByRole('alert')).toHaveTextContent('The disk is full');
	expect(document.body).not.toHaveTextContent(/No (cluster|recovery point|job|vault)/);
});
