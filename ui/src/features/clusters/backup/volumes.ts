import type { VolumeChoice } from '@/backend/bindings';
import { dnsNameProblem } from '@/shared/dns-name';

/** What is filled in about volumes, numbers as they are typed. */
export interface VolumesDraft {
	snapshots: boolean;
	/** As `namespace/name`. */
	hooks: string[];
	timeoutMinutes: string;
	freezeSeconds: string;
	atOnce: string;
	/** Empty for the one that claims, labels and defaults lead to. */
	snapshotClass: string;
}

/** The defaults of the engine. */
export const USUAL_VOLUMES: VolumesDraft = {
	snapshots: true,
	hooks: [],
	timeoutMinutes: '10',
	freezeSeconds: '60',
	atOnce: '16',
	snapshotClass: '',
};

const DAY_MINUTES = 24 * 60;
const MOST_AT_ONCE = 256;

function problem(typed: string, most: number): string | undefined {
	if (!/^\d+$/.test(typed)) return 'A whole number.';
	const value = Number(typed);
	return value >= 1 && value <= most ? undefined : `From 1 to ${most}.`;
}

export const timeoutProblem = ({ timeoutMinutes }: VolumesDraft) => problem(timeoutMinutes, DAY_MINUTES);
export const freezeProblem = ({ freezeSeconds }: VolumesDraft) => problem(freezeSeconds, DAY_MINUTES * 60);
export const atOnceProblem = ({ atOnce }: VolumesDraft) => problem(atOnce, MOST_AT_ONCE);
export const classProblem = ({ snapshotClass }: VolumesDraft) =>
	snapshotClass === '' ? undefined : dnsNameProblem(snapshotClass);

/** The part of a request; undefined while a number is none. What does not matter without snapshots is left at its default. */
export function choiceOf(draft: VolumesDraft): VolumeChoice | undefined {
	const chosen = draft.snapshots ? draft : { ...USUAL_VOLUMES, snapshots: false };
	if ([timeoutProblem, freezeProblem, atOnceProblem, classProblem].some((problem) => problem(chosen))) return undefined;
	const { snapshots, hooks, snapshotClass } = chosen;
	return {
		snapshots,
		hooks,
		timeoutSeconds: Number(chosen.timeoutMinutes) * 60,
		freezeSeconds: Number(chosen.freezeSeconds),
		atOnce: Number(chosen.atOnce),
		snapshotClass,
	};
}
