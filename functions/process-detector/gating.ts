import { reliableSources } from '#shared/domain/image/reliability/cut.ts';
import { trailFilter } from '#shared/domain/image/trail-filter.ts';
import type { Measured } from './measured.ts';

/** Rules for what the gate has let through. */
export interface PublicationRules {
  /** Of motion against the stars. */
  readonly trailLimitDegPerDay: number;
  /** 0 to 1. */
  readonly leastReliability: number;
}

/**
 * What is left of a measurement after the gate's answer, the trail rule and the reliability cut. Of what they remove
 * the number is kept, added to what was removed before, and nothing else.
 */
export function gatedOf(
  measured: Measured,
  allowed: ReadonlySet<bigint>,
  { trailLimitDegPerDay, leastReliability }: PublicationRules,
): Measured {
  const { exposureSeconds } = measured.exposure;
  const passed = measured.sources.filter(({ diaSourceId }) => allowed.has(diaSourceId));
  const { kept } = trailFilter(passed, { exposureSeconds, limitDegPerDay: trailLimitDegPerDay });
  const sources = reliableSources(kept, leastReliability);
  const { satellites = 0, trails = 0, unreliable = 0 } = measured.removed;
  const removed = {
    ...measured.removed,
    satellites: satellites + measured.sources.length - passed.length,
    trails: trails + passed.length - kept.length,
    unreliable: unreliable + kept.length - sources.length,
  };
  return { ...measured, sources, removed };
}
