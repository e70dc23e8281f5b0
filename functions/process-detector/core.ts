import { polygonsOverlap, type Vector } from '#shared/domain/sky/vector.ts';
import { mjdTaiFromUnixTai, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { type ClaimState, type claimStates, hasReached } from '#shared/domain/visit/claim.ts';
import type { DetectorVisit } from '#shared/domain/visit/next-visit.ts';

/**
 * The phases in their one order, each with the claim state that it sets. `preload` comes before there is a claim;
 * `associate` and `force` set none, so that they are repeated whenever `write` has not happened.
 */
const order = [
  { name: 'preload', sets: 'measured' },
  { name: 'wait', sets: 'measured' },
  { name: 'pixels', sets: 'measured' },
  { name: 'gate', sets: 'gated' },
  { name: 'associate', sets: 'written' },
  { name: 'force', sets: 'written' },
  { name: 'write', sets: 'written' },
  { name: 'announce', sets: 'announced' },
  { name: 'export', sets: 'done' },
] as const satisfies readonly { name: string; sets: (typeof claimStates)[number] }[];

export type PhaseName = (typeof order)[number]['name'];

/** Phases whose work is not done yet when a claim is in `state`: all of them where there is no claim. */
export const remainingPhases = (state: ClaimState | undefined): PhaseName[] =>
  order.filter(({ sets }) => state === undefined || !hasReached(state, sets)).map(({ name }) => name);

/** Unix ms UTC of a stamp in Unix seconds TAI. */
export const unixMsUtc = (unixTaiSeconds: number): number =>
  (mjdUtcFromTai(mjdTaiFromUnixTai(unixTaiSeconds)) - 40587) * 86_400_000;

/** True when the event was sent longer ago than allowed (prompt_processing compares the publication, not the exposure). */
export const isExpired = (request: DetectorVisit, nightMs: number, maxSeconds: number): boolean =>
  (nightMs - unixMsUtc(request.private_sndStamp)) / 1000 > maxSeconds;

interface Expected {
  readonly item: string;
  readonly startTime: number;
  readonly region: readonly Vector[];
}

/**
 * Slots among `others` that have to associate before `own`: they begin earlier and their padded regions overlap it.
 * Slots of one start are of one visit (or of two cameras), whose detectors do not overlap.
 */
export const earlierSlots = (own: Expected, others: readonly Expected[]): string[] =>
  others
    .filter((other) => other.startTime < own.startTime && polygonsOverlap(other.region, own.region))
    .map(({ item }) => item);
