import { describe, expect, it } from 'vitest';
import { formatAbsolute, formatBytes, formatCount, formatDuration, formatRelative } from './format';

describe('format', () => {
	it('separates thousands with a space that does not break', () => {
		expect([0, 999, 1284, 100_000].map(formatCount)).toEqual(['0', '999', '1\u202f284', '100\u202f000']);
	});

	it('never shows 1024 of a unit or 10.0', () => {
		expect([0, 1023, 1024, 10_189, 10_240, 1_048_575, 2_202_010].map(formatBytes)).toEqual([
			'0 B',
			'1023 B',
			'1.0 KiB',
			'10 KiB',
			'10 KiB',
			'1.0 MiB',
			'2.1 MiB',
		]);
	});

	it('says how long something took', () => {
		// Clocks of two machines may differ.
		expect([-3, 0, 49, 50].map(formatDuration)).toEqual(['under 0.1 s', 'under 0.1 s', 'under 0.1 s', '0.1 s']);
		expect([400, 9_960, 59_600, 65_000, 7_380_000].map(formatDuration)).toEqual([
			'0.4 s',
			'10 s',
			'1 min 00 s',
			'1 min 05 s',
			'2 h 03 min',
		]);
	});

	it('shows times to come, because clocks differ, and times that are none', () => {
		const now = Date.parse('2026-11-25T12:00:00Z');
		expect(formatRelative('2026-11-25T12:10:00Z', now)).toBe('in 10 min');
		expect(formatRelative('2026-11-25T09:59:00Z', now)).toBe('2 h ago');
		expect(formatRelative('yesterday', now)).toBe('yesterday');
		expect(formatAbsolute('2026-11-25T12:00:00Z', 'utc')).toBe('2026-11-25 12:00:00 UTC');
	});
});
