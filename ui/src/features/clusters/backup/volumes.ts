import type { VolumeChoice } from '@/backend/bindings';

/** What is filled in about volumes, numbers as they are typed. */
export interface VolumesDraft {
	snapshots: boolean;
	/** As `namespace/name`. */
	hooks: string[];
	timeoutMinutes: string;
	freezeSeconds: string;
}

/** The defaults of the engine. */
export const USUAL_VOLUMES: VolumesDraft = { snapshots: true, hooks: [], timeoutMinutes: '10', freezeSeconds: '60' };

const DAY_MINUTES = 24 * 60;

function problem(typed: string, most: number): string | undefined {
	if (!/^\d+$/.test(typed)) return 'A whole number.';
	const value = Number(typed);
	return value >= 1 && value <= most ? undefined : `From 1 to ${most}.`;
}

export const timeoutProblem = ({ timeoutMinutes }: VolumesDraft) => problem(timeoutMinutes, DAY_MINUTES);
export const freezeProblem = ({ freezeSeconds }: VolumesDraft) => problem(freezeSeconds, DAY_MINUTES * 60);

/** The part of a request; undefined while a number is none. What does not matter without snapshots is left at its default. */
export function choiceOf(draft: VolumesDraft): VolumeChoice | undefined {
	const { snapshots, hooks, timeoutMinutes, freezeSeconds } = draft.snapshots
		? draft
		: { ...USUAL_VOLUMES, snapshots: false };
	if (draft.snapshots && (timeoutProblem(draft) || freezeProblem(draft))) return undefined;
	return { snapshots, hooks, timeoutSeconds: Number(timeoutMinutes) * 60, freezeSeconds: Number(freezeSeconds) };
}
