import { type MjdUtc, mjdUtcFromUnixMs } from '../domain/time/scales.ts';

interface Modified {
  readonly modifiedMs: number;
}

/**
 * Orders files of element sets: the newest first, or the one that was written nearest to a past date, as the original
 * chooses among its own (sattle, historical).
 */
export function byCloseness(a: Modified, b: Modified, near: MjdUtc | undefined): number {
  if (near === undefined) return b.modifiedMs - a.modifiedMs;
  return awayFrom(near, a) - awayFrom(near, b);
}

const awayFrom = (near: MjdUtc, { modifiedMs }: Modified): number =>
  Math.abs(mjdUtcFromUnixMs(modifiedMs) - near);
