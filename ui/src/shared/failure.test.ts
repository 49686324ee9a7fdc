import { expect, it } from 'vitest';
import { headline } from './failure';

it('begins a message like a sentence, unless it begins with a name', () => {
	const words = ['there is no folder /srv', 'a task ended', 'recovery point x exists already', 'signing in needs az'];
	expect(words.map(headline)).toEqual([
		'There is no folder /srv',
		'A task ended',
		'Recovery point x exists already',
		'Signing in needs az',
	]);
	const names = ['prod-weu does not answer', 'recovery does not answer', 'notes: exists', 'an-app is gone', 'theme'];
	expect(names.map(headline)).toEqual(names);
});
