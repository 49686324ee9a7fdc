import { expect, it } from 'vitest';
import type { PointVolumes, VolumeRow } from '@/backend/bindings';
import { commandWords, countWords, holdWords, shortHandle } from './words';

const volumes = (...states: VolumeRow['state'][]) =>
	({ volumes: states.map((state) => ({ state })) }) as unknown as PointVolumes;

it('counts claims in words', () => {
	expect(countWords(volumes('snapshotted', 'failed', 'skipped'))).toBe('1 of 3 claims are in this recovery point');
	expect(countWords(volumes('snapshotted', 'snapshotted'))).toBe('All 2 claims are in this recovery point');
	expect(countWords(volumes('snapshotted'))).toBe('The one claim is in this recovery point');
	expect(countWords(volumes('failed'))).toBe('The one claim is not in this recovery point');
});

it('names the pods that were held for longest', () => {
	const hold = (pod: string, durationMs: number) => ({ namespace: 'shop', pod, durationMs });
	expect(holdWords([hold('a', 400), hold('b', 2_000)], 3)).toBe('shop/b 2.0 s, shop/a 0.4 s');
	expect(holdWords([hold('a', 400), hold('b', 2_000), hold('c', 1_000)], 1)).toBe('shop/b 2.0 s, 2 more');
});

it('keeps the end of a handle, and puts a command into one line', () => {
	expect(shortHandle('/subscriptions/x/snapshots/snapshot-1')).toBe('snapshot-1');
	expect(shortHandle('vs-1')).toBe('vs-1');
	expect(commandWords(['sh', '-c', 'a\n  b', ''])).toBe("sh -c 'a b' ''");
});
