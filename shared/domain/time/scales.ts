import { taiMinusUtcSeconds, taiMinusUtcSecondsAtTai } from './leap-seconds.ts';

export { isPastLeapTable, leapTableExpiryMjdUtc, taiMinusUtcSeconds } from './leap-seconds.ts';

declare const scale: unique symbol;
/** Modified Julian Date, days since 1858-11-17T00:00, in International Atomic Time. */
export type MjdTai = number & { readonly [scale]: 'MJD TAI' };
/** Modified Julian Date in Coordinated Universal Time; a leap second has no value of its own. */
export type MjdUtc = number & { readonly [scale]: 'MJD UTC' };
/** Nanoseconds since 1970-01-01T00:00:00 TAI: the form of Butler's timespans. */
export type TaiNs = bigint & { readonly [scale]: 'ns TAI' };

const UNIX_EPOCH_MJD = 40_587;
const SECONDS_A_DAY = 86_400;
const NS_A_DAY = 86_400_000_000_000;
const NS_A_DAY_BIGINT = BigInt(NS_A_DAY);
const NS_A_SECOND = 1_000_000_000n;

export const mjdTai = (days: number): MjdTai => days as MjdTai;
export const mjdUtc = (days: number): MjdUtc => days as MjdUtc;
export const taiNs = (ns: bigint): TaiNs => ns as TaiNs;

export function mjdTaiFromUtc(utc: MjdUtc): MjdTai {
  return mjdTai(utc + taiMinusUtcSeconds(utc) / SECONDS_A_DAY);
}

export function mjdUtcFromTai(tai: MjdTai): MjdUtc {
  return mjdUtc(tai - taiMinusUtcSecondsAtTai(tai) / SECONDS_A_DAY);
}

export function taiNsFromMjdTai(tai: MjdTai): TaiNs {
  return taiNs(nsFromMjd(tai));
}

export function mjdTaiFromTaiNs(ns: TaiNs): MjdTai {
  return mjdTai(mjdFromNs(ns));
}

/** From ns since 1970-01-01T00:00:00 UTC, leap seconds not counted (Unix time in ns), without rounding. */
export function taiNsFromUnixNs(unixNs: bigint): TaiNs {
  return taiNs(unixNs + BigInt(taiMinusUtcSeconds(mjdUtc(mjdFromNs(unixNs)))) * NS_A_SECOND);
}

/** From Unix time in milliseconds, as a process clock gives it. */
export function mjdUtcFromUnixMs(unixMs: number): MjdUtc {
  return mjdUtc(UNIX_EPOCH_MJD + unixMs / (SECONDS_A_DAY * 1000));
}

/** From seconds since 1970-01-01T00:00:00 TAI, the form of a nextVisit's `startTime` and `private_sndStamp`. */
export function mjdTaiFromUnixTai(unixTaiSeconds: number): MjdTai {
  return mjdTai(UNIX_EPOCH_MJD + unixTaiSeconds / SECONDS_A_DAY);
}

export function unixTaiFromMjdTai(tai: MjdTai): number {
  return (tai - UNIX_EPOCH_MJD) * SECONDS_A_DAY;
}

/**
 * Nanoseconds since 1970-01-01T00:00:00 of an ISO 8601 time without zone (`2025-06-10T07:31:55.280`, a final `Z`
 * allowed), every day counted as 86,400 s, in whatever scale the text is. Digits beyond the ninth are cut.
 * Throws RangeError for another form, an impossible date, and for a leap second.
 */
export function nsFromIso(text: string): bigint {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?)?Z?$/.exec(text.trim());
  if (!match) throw new RangeError(`"${text}" is not a time of the form YYYY-MM-DDTHH:MM:SS[.fff].`);
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((field) => Number(field ?? 0));
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) {
    throw new RangeError(`"${text}" names a day that the calendar does not have.`);
  }
  if (hour > 23 || minute > 59 || second > 59) {
    throw new RangeError(`"${text}" names no time of day (a leap second, :60, has no MJD).`);
  }
  const seconds = date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
  return BigInt(seconds) * NS_A_SECOND + BigInt((match[7] ?? '').slice(0, 9).padEnd(9, '0'));
}

/** MJD of an ISO 8601 time, in the scale of the text; rounded once, so exact to 1 ulp (0.6 microseconds in this century). */
export function parseIso(text: string): number {
  return mjdFromNs(nsFromIso(text));
}

/** `YYYY-MM-DDTHH:MM:SS.sssZ`, rounded to the millisecond. */
export function isoUtc(utc: MjdUtc): string {
  return isoFromMjd(utc);
}

/** Nearest millisecond of a TAI date, written without zone as in FITS headers with TIMESYS TAI. */
export function isoTai(tai: MjdTai): string {
  return isoFromMjd(tai).slice(0, -1);
}

/** Observing day YYYYMMDD: the calendar day of TAI - 12 h, so that a night in Chile has one (Rubin's SITCOMTN-032). */
export function dayObs(tai: MjdTai): number {
  return dayObsFromMjdDay(Math.floor(tai - 0.5));
}

/** YYYYMMDD of a whole MJD. */
export function dayObsFromMjdDay(mjdDay: number): number {
  const date = new Date((mjdDay - UNIX_EPOCH_MJD) * SECONDS_A_DAY * 1000);
  return date.getUTCFullYear() * 10_000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
}

/** Whole MJD on which an observing day begins, at noon. Throws RangeError where YYYYMMDD is no date. */
export function mjdDayFromDayObs(yyyymmdd: number): number {
  const ms = Date.UTC(Math.floor(yyyymmdd / 10_000), (Math.floor(yyyymmdd / 100) % 100) - 1, yyyymmdd % 100);
  const mjdDay = ms / (SECONDS_A_DAY * 1000) + UNIX_EPOCH_MJD;
  if (!Number.isInteger(mjdDay) || dayObsFromMjdDay(mjdDay) !== yyyymmdd) {
    throw new RangeError(`${yyyymmdd} is not a day of the form YYYYMMDD.`);
  }
  return mjdDay;
}

function isoFromMjd(mjd: number): string {
  return new Date(Math.round((mjd - UNIX_EPOCH_MJD) * SECONDS_A_DAY * 1000)).toISOString();
}

/**
 * Nanoseconds since 1970-01-01 of an MJD, in the scale of the MJD. Whole days and the rest are taken apart: 60,000
 * days in ns, as one double, would lose the last three digits.
 */
export function nsFromMjd(mjd: number): bigint {
  const day = Math.floor(mjd);
  return BigInt(day - UNIX_EPOCH_MJD) * NS_A_DAY_BIGINT + BigInt(Math.round((mjd - day) * NS_A_DAY));
}

function mjdFromNs(ns: bigint): number {
  const rest = ((ns % NS_A_DAY_BIGINT) + NS_A_DAY_BIGINT) % NS_A_DAY_BIGINT;
  return Number((ns - rest) / NS_A_DAY_BIGINT) + UNIX_EPOCH_MJD + Number(rest) / NS_A_DAY;
}
