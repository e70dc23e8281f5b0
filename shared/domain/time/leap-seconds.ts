import type { MjdUtc } from './scales.ts';

/**
 * TAI - UTC in whole seconds from the given UTC date on: [MJD, seconds].
 * Source: IERS Bulletin C, as in IERS's Leap_Second.dat updated through Bulletin C 72 of July 2026.
 */
const steps: readonly (readonly [number, number])[] = [
  [41317, 10],
  [41499, 11],
  [41683, 12],
  [42048, 13],
  [42413, 14],
  [42778, 15],
  [43144, 16],
  [43509, 17],
  [43874, 18],
  [44239, 19],
  [44786, 20],
  [45151, 21],
  [45516, 22],
  [46247, 23],
  [47161, 24],
  [47892, 25],
  [48257, 26],
  [48804, 27],
  [49169, 28],
  [49534, 29],
  [50083, 30],
  [50630, 31],
  [51179, 32],
  [53736, 33],
  [54832, 34],
  [56109, 35],
  [57204, 36],
  [57754, 37],
];

/** UTC date up to which the table is known to hold: 2027-06-28, the expiry that Bulletin C 72 gives. */
export const leapTableExpiryMjdUtc = 61584 as MjdUtc;

/** True where TAI - UTC is extrapolated from the last known step, which the caller should say in a warning. */
export function isPastLeapTable(mjdUtc: MjdUtc): boolean {
  return mjdUtc >= leapTableExpiryMjdUtc;
}

/** TAI - UTC in seconds at a UTC date; after the expiry the last step. Throws RangeError before 1972. */
export function taiMinusUtcSeconds(mjdUtc: MjdUtc): number {
  const step = steps.findLast(([start]) => start <= mjdUtc);
  if (!step)
    throw new RangeError(`UTC at MJD ${mjdUtc} has no whole-second offset from TAI: it is before 1972.`);
  return step[1];
}

/** TAI - UTC in seconds at an MJD counted in TAI. */
export function taiMinusUtcSecondsAtTai(mjdTai: number): number {
  const step = steps.findLast(([start, seconds]) => start + seconds / 86_400 <= mjdTai);
  if (!step)
    throw new RangeError(`TAI at MJD ${mjdTai} has no whole-second offset from UTC: it is before 1972.`);
  return step[1];
}
