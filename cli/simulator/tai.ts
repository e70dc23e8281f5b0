/**
 * The simulator's times: milliseconds of TAI since 1970-01-01T00:00:00 TAI, as plain integers. Its leap
 * seconds are its own, so that an error in the pipeline's table shows.
 */
export type TaiMs = number;

const DAY_MS = 86_400_000;
const MJD_OF_1970 = 40_587;

/** UTC instants from which TAI - UTC is the number of seconds (IERS Bulletin C 52 and before). */
const taiMinusUtcFrom: readonly (readonly [utc: string, seconds: number])[] = [
  ['2009-01-01T00:00:00Z', 34],
  ['2012-07-01T00:00:00Z', 35],
  ['2015-07-01T00:00:00Z', 36],
  ['2017-01-01T00:00:00Z', 37],
];

/** TAI - UTC in seconds at an instant of UTC (Unix milliseconds). Throws before 2009. */
function taiMinusUtcSeconds(unixMs: number): number {
  const entry = taiMinusUtcFrom.findLast(([utc]) => Date.parse(utc) <= unixMs);
  if (!entry) throw new RangeError(`The simulator has no leap seconds before 2009, asked for ${unixMs} ms.`);
  return entry[1];
}

export function taiFromUnixMs(unixMs: number): TaiMs {
  return unixMs + taiMinusUtcSeconds(unixMs) * 1000;
}

/** Unix milliseconds (UTC) of an instant; no simulated night holds a leap second. */
export function unixMsFromTai(tai: TaiMs): number {
  return tai - taiMinusUtcSeconds(tai - 37_000) * 1000;
}

/** `2026-03-05T01:02:03.456`, TAI, as headers with TIMESYS = 'TAI' write it. */
export function isoTai(tai: TaiMs): string {
  return new Date(tai).toISOString().slice(0, -1);
}

/** Modified Julian Date in TAI: the double nearest to it, since the days are added last. */
export function mjdTai(tai: TaiMs): number {
  const days = Math.floor(tai / DAY_MS);
  return MJD_OF_1970 + days + (tai - days * DAY_MS) / DAY_MS;
}

/** Modified Julian Date in UTC. */
export function mjdUtc(tai: TaiMs): number {
  return unixMsFromTai(tai) / DAY_MS + MJD_OF_1970;
}

/** Observing day YYYYMMDD: the date of TAI minus 12 hours. */
export function dayObsOf(tai: TaiMs): number {
  return Number(
    isoTai(tai - DAY_MS / 2)
      .slice(0, 10)
      .replaceAll('-', ''),
  );
}
