import { polygonsOverlap, type Vector } from '#shared/domain/sky/vector.ts';
import { mjdTaiFromUnixTai, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { type Claim, type ClaimState, type claimStates, hasReached } from '#shared/domain/visit/claim.ts';
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
 * Slots of one start are of one visit (or of two cameras), whose detectors do not overlap. A telescope exposes one
 * visit after the other, so the order of the announced starts is that of the middles of the exposures.
 */
export const earlierSlots = (own: Expected, others: readonly Expected[]): string[] =>
  others
    .filter((other) => other.startTime < own.startTime && polygonsOverlap(other.region, own.region))
    .map(({ item }) => item);

/** A slot that has to associate before another one, with its claim, which it has once its raw has come. */
export interface EarlierSlot {
  readonly slot: string;
  readonly claim: Pick<Claim, 'state' | 'changedMs'> | undefined;
}

/** When the gate answered (Unix ms, process clock), and the earlier slots that were measured and not yet written then. */
export interface Answered {
  readonly atMs: number;
  readonly before: readonly string[];
}

/** Slots whose pixels are done: the gate, or others before them, keep them waiting. */
export const waitingSlots = (open: readonly EarlierSlot[]): string[] =>
  open.filter(({ claim }) => claim && hasReached(claim.state, 'measured')).map(({ slot }) => slot);

/** The gate answers within 1 s, or a request's 5 s: who was taken longer ago and is not past it was refused again. */
const answerMs = 10_000;

/**
 * Those of the open earlier slots that stood behind the gate as well, and have not had their turn since: nobody has
 * taken them, or so lately that the gate may yet answer; or it has answered, and they only wait for others.
 */
export const owedSlots = (
  open: readonly EarlierSlot[],
  { atMs, before }: Answered,
  nowMs: number,
): string[] => {
  const isOwed = ({ state, changedMs }: Pick<Claim, 'state' | 'changedMs'>) =>
    hasReached(state, 'gated') || changedMs <= atMs || nowMs - changedMs < answerMs;
  return open
    .filter(({ slot, claim }) => before.includes(slot) && claim && isOwed(claim))
    .map(({ slot }) => slot);
};

/** What a detector does that may have to wait for earlier visits of its sky. */
export type Turn = 'associate' | 'associate out of order' | 'look again' | 'give way';

/** In one piece a worker waits so long; then the unit goes back, so that an earlier one that waits for it gets its turn. */
const longestWaitSeconds = 30;
/** Longest wait for those that are owed their turn: by then something else than the gate keeps them. */
const longestOwedSeconds = 3600;

/**
 * Whether a detector may associate. It waits ASSOCIATION_WAIT from the gate's answer, and longer for those that are
 * owed their turn: after an outage all that waited comes at once, in whatever order workers take it.
 *
 * @param open earlier slots of the same sky that are not written
 * @param owed how many of them were kept by the gate too and have not had their turn
 * @param answeredSeconds since the gate's answer
 * @param waitedSeconds since this worker began to wait
 */
export function turnOf(wait: {
  readonly open: number;
  readonly owed: number;
  readonly limitSeconds: number | 'unlimited';
  readonly answeredSeconds: number;
  readonly waitedSeconds: number;
}): Turn {
  const { open, owed, limitSeconds, answeredSeconds, waitedSeconds } = wait;
  if (open === 0) return 'associate';
  const limit = limitSeconds === 'unlimited' ? Number.POSITIVE_INFINITY : limitSeconds;
  const patience = owed > 0 && limit > 0 ? Math.max(limit, longestOwedSeconds) : limit;
  const isOver = answeredSeconds >= patience;
  // A unit that comes back late, after its worker died, waits in one piece what is usual.
  if (isOver && waitedSeconds >= Math.min(limit, longestWaitSeconds)) return 'associate out of order';
  return !isOver && waitedSeconds >= longestWaitSeconds ? 'give way' : 'look again';
}
