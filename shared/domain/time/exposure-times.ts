import { cardValue, type Header } from '../fits/header.ts';
import {
  type MjdTai,
  mjdTaiFromTaiNs,
  nsFromIso,
  nsFromMjd,
  parseIso,
  type TaiNs,
  taiNs,
  taiNsFromUnixNs,
} from './scales.ts';

/** A FITS header as cards, or as the object that a sidecar JSON holds. */
type Keywords = Header | Readonly<Record<string, unknown>>;

export interface ExposureTimes {
  readonly beginMjdTai: MjdTai;
  readonly endMjdTai: MjdTai;
  readonly midpointMjdTai: MjdTai;
  readonly beginTaiNs: TaiNs;
  readonly endTaiNs: TaiNs;
}

/**
 * When the shutter was open: DATE-BEG (else DATE-OBS) and DATE-END (else begin + EXPTIME seconds), in the scale that
 * TIMESYS names; absent means UTC (FITS standard 4.0, section 9.2.1). TAI, UTC and TT are known.
 * Throws RangeError naming the keyword.
 */
export function exposureTimes(keywords: Keywords): ExposureTimes {
  const toTai = taiNsOf(text(keywords, 'TIMESYS') ?? 'UTC');
  const begin = instant(keywords, 'BEG') ?? instant(keywords, 'OBS');
  if (begin === undefined)
    throw new RangeError('The header has neither DATE-BEG nor DATE-OBS: the begin is unknown.');
  const beginTaiNs = toTai(begin);
  const end = instant(keywords, 'END');
  const endTaiNs = end === undefined ? taiNs(beginTaiNs + exposureNs(keywords)) : toTai(end);
  if (endTaiNs < beginTaiNs) {
    throw new RangeError(
      `The exposure ends ${beginTaiNs - endTaiNs} ns before it begins (DATE-END, DATE-BEG).`,
    );
  }
  return {
    beginMjdTai: mjdTaiFromTaiNs(beginTaiNs),
    endMjdTai: mjdTaiFromTaiNs(endTaiNs),
    midpointMjdTai: mjdTaiFromTaiNs(taiNs((beginTaiNs + endTaiNs) / 2n)),
    beginTaiNs,
    endTaiNs,
  };
}

/**
 * DATE-x in ns since 1970 of the header's scale. Rubin's headers write it in milliseconds and the same instant with
 * all its digits as MJD-x: where that agrees to the last digit of the date it is taken, else the date alone counts.
 */
function instant(keywords: Keywords, name: 'BEG' | 'END' | 'OBS'): bigint | undefined {
  const date = text(keywords, `DATE-${name}`);
  if (date === undefined) return undefined;
  const ns = nsFromIso(date);
  const mjd = value(keywords, `MJD-${name}`);
  if (typeof mjd !== 'number' || mjd === parseIso(date)) return ns;
  const finer = nsFromMjd(mjd);
  const decimals = /\.(\d{1,9})/.exec(date)?.[1].length ?? 0;
  const lastDigitNs = 10n ** BigInt(9 - decimals);
  return finer > ns - lastDigitNs && finer < ns + lastDigitNs ? finer : ns;
}

const TT_MINUS_TAI_NS = 32_184_000_000n;

function taiNsOf(timesys: string): (ns: bigint) => TaiNs {
  switch (timesys.trim().toUpperCase()) {
    case 'UTC':
      return taiNsFromUnixNs;
    case 'TAI':
      return taiNs;
    case 'TT':
      return (ns) => taiNs(ns - TT_MINUS_TAI_NS);
    default:
      throw new RangeError(`TIMESYS is "${timesys}"; only TAI, UTC and TT are understood.`);
  }
}

function exposureNs(keywords: Keywords): bigint {
  const seconds = value(keywords, 'EXPTIME');
  if (typeof seconds !== 'number' || !(seconds >= 0)) {
    throw new RangeError(
      'The header has no DATE-END and no EXPTIME of 0 or more seconds: the end is unknown.',
    );
  }
  return BigInt(Math.round(seconds * 1e9));
}

function text(keywords: Keywords, keyword: string): string | undefined {
  const found = value(keywords, keyword);
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
}

function value(keywords: Keywords, keyword: string): unknown {
  return isCards(keywords) ? cardValue(keywords, keyword) : keywords[keyword];
}

const isCards = (keywords: Keywords): keywords is Header => Array.isArray(keywords);
