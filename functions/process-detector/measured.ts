import { packDiaSourceId } from '#shared/domain/ids/dia-source-id.ts';
import type { MeasuredSource, Quality } from '#shared/domain/image/detector.ts';
import type { Vector } from '#shared/domain/sky/vector.ts';
import type { Claim } from '#shared/domain/visit/claim.ts';
import type { ExposureFacts } from '#shared/domain/visit/exposure.ts';
import type { Answered } from './core.ts';

/** A measured source with its id: counters from 1 in order of (y, x), so that a night is a function of its pixels. */
export type NumberedSource = MeasuredSource & { readonly diaSourceId: bigint };

/** What the pixels gave, and what has been dropped from it since. It holds all that later phases need of the raw. */
export interface Measured {
  readonly exposure: ExposureFacts;
  /** The detector on the sky by its refined world coordinates: convex, unit vectors. */
  readonly outline: readonly Vector[];
  readonly sources: readonly NumberedSource[];
  readonly quality: Quality;
  /** Sources removed so far, by reason. Removed ones are counted, never kept. */
  readonly removed: Readonly<Record<string, number>>;
  /** Unix ms, process clock, when the pixels were done: how long the gate has been owing its answer. */
  readonly measuredMs: number;
  /** Set with the gate's answer. */
  readonly answered?: Answered;
}

/** Numbers sources that are already ordered by (y, x). */
export function numberSources(
  sources: readonly MeasuredSource[],
  exposure: { dayObs: number; seqNum: number; detector: number; releaseId: number },
): NumberedSource[] {
  return sources.map((source, index) => ({
    ...source,
    diaSourceId: packDiaSourceId({ ...exposure, counter: index + 1 }),
  }));
}

/** Keys in the products bucket of what waits for the gate, and of the images. */
export const sealedPrefix = (claim: Pick<Claim, 'visit' | 'detector'>): string =>
  `sealed/${claim.visit}/${claim.detector}/`;

export const sealedKey = (claim: Pick<Claim, 'visit' | 'detector'>, attempt: number): string =>
  `${sealedPrefix(claim)}${attempt}`;

export const productKey = (
  claim: Pick<Claim, 'visit' | 'detector'>,
  attempt: number,
  product: 'difference' | 'calibrated',
): string => `products/${claim.visit}/${claim.detector}/${attempt}/${product}.fits`;
