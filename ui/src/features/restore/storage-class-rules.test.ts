import { expect, it } from 'vitest';
import { storageClassNote, storageClassProblem } from './storage-class-rules';

it('tells what is wrong with a row beside the others', () => {
	const rows = [
		{ from: 'managed-csi', to: 'premium' },
		{ from: 'managed-csi', to: 'other' },
		{ from: '', to: 'Premium_1' },
		{ from: 'managed-csi', to: '' },
		{ from: '', to: 'a.b-c' },
	];
	const problems = rows.map((_, at) => storageClassProblem(rows, at));
	expect(problems[0]).toBeUndefined();
	expect(problems[1]).toBe('managed-csi is replaced above already.');
	expect(problems[2]).toMatch(/^Lower-case/);
	expect(problems[3]).toBeUndefined();
	expect(problems[4]).toBe('Claims that name none are replaced above already.');
});

it('says what the cluster knows of a class', () => {
	const classes = [
		{ name: 'managed-csi', provisioner: 'disk.csi.azure.com', default: true },
		{ name: 'azurefile-csi', provisioner: 'file.csi.azure.com', default: false },
	];
	expect(storageClassNote('managed-csi', classes)).toBe('disk.csi.azure.com, the cluster’s default');
	expect(storageClassNote('azurefile-csi', classes)).toBe('file.csi.azure.com');
	expect(storageClassNote('x', classes)).toBe('The cluster has no such class now.');
	expect(storageClassNote('x', undefined)).toBe('');
});
