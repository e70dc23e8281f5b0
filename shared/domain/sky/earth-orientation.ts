import { mjdUtc, taiMinusUtcSeconds } from '../time/scales.ts';
import { lastMeasuredMjdUtc, rows, stepDays } from './earth-orientation.generated.ts';

/** How the Earth's crust lies at a time: UT1 - UTC, and the place in the crust of the celestial pole. */
export interface EarthOrientation {
  readonly ut1MinusUtcSeconds: number;
  readonly poleXArcsec: number;
  readonly poleYArcsec: number;
  /** How far off UT1 - UTC may be; a second displaces an observer at the equator by 465 m. */
  readonly ut1ErrorSeconds: number;
}

/** MJD (UTC) of the table's first row. */
export const orientationBeginMjdUtc: number = rows[0][0];

/** MJD (UTC) of the table's last row. Beyond it nothing is predicted. */
export const orientationHorizonMjdUtc: number = rows[rows.length - 1][0];

/** Lines between rows five days apart miss the fortnightly tides: 0.95 ms and 0.0023" from the daily values at most. */
const interpolationErrorSeconds = 0.001;

/**
 * The Earth's orientation at an MJD (UTC) from IERS Bulletin A (finals2000A.all, in `release`): measured until
 * {@link lastMeasuredMjdUtc}, then predicted; beyond the horizon the last values hold and the error grows. A plain
 * number, since TAI in its place would make 0.001 ms of difference, but on the day of a leap second.
 * Throws RangeError before 2010, where the table begins.
 */
export function orientationAt(utc: number): EarthOrientation {
  if (!(utc >= orientationBeginMjdUtc))
    throw new RangeError(
      `The table of the Earth's orientation begins at MJD ${orientationBeginMjdUtc}, after ${utc}.`,
    );
  const place = Math.min((utc - orientationBeginMjdUtc) / stepDays, rows.length - 1);
  const index = Math.min(Math.floor(place), rows.length - 2);
  const [before, after] = [rows[index], rows[index + 1]];
  const between = (from: number, to: number) => from + (place - index) * (to - from);
  return {
    ut1MinusUtcSeconds: between(ut1MinusTai(before), ut1MinusTai(after)) + taiMinusUtcSeconds(mjdUtc(utc)),
    poleXArcsec: between(before[2], after[2]),
    poleYArcsec: between(before[3], after[3]),
    ut1ErrorSeconds: ut1ErrorSeconds(utc),
  };
}

/** UT1 - UTC leaps where UTC does, UT1 - TAI never. */
const ut1MinusTai = ([mjd, ut1MinusUtc]: (typeof rows)[number]): number =>
  ut1MinusUtc - taiMinusUtcSeconds(mjdUtc(mjd));

/**
 * A prediction's error by its age in days is what Bulletin A's own column says of it, 0.3 ms to the power of 3/4: 4 ms
 * after a month, 25 ms after a year. Beyond the horizon it grows by 1 ms a day: the day's excess, as a mean over a
 * year, was at most 1.5 ms since 2010 (in 2015) and 0.3 ms since 2020.
 */
function ut1ErrorSeconds(utc: number): number {
  const predicted = Math.max(0, Math.min(utc, orientationHorizonMjdUtc) - lastMeasuredMjdUtc);
  const beyond = Math.max(0, utc - orientationHorizonMjdUtc);
  return interpolationErrorSeconds + 0.0003 * predicted ** 0.75 + 0.001 * beyond;
}
