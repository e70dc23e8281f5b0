import type { Header } from '../fits/header.ts';
import { valueOf as cardValue } from '../fits/header.ts';
import { type MjdTai, mjdTaiFromTaiNs, nsFromIso, type TaiNs, taiNs, taiNsFromUnixNs } from './scales.ts';

export interface ExposureTimes {
  readonly beginMjdTai: MjdTai;
  readonly endMjdTai: MjdTai;
  readonly midpointMjdTai: MjdTai;
  readonly beginTaiNs: TaiNs;
  readonly endTaiNs: TaiNs;
}

/**
 * When the shutter was open, from a FITS header or the sidecar JSON that holds one as an object: DATE-BEG (else
 * DATE-OBS) and DATE-END (else begin + EXPTIME seconds), in the scale that TIMESYS names; absent means UTC
 * (FITS standard 4.0, section 9.2.1). TAI, UTC and TT are known. Throws RangeError naming the keyword.
 */
export function exposureTimes(header: Header | Readonly<Record<string, unknown>>): ExposureTimes {
  const toTai = taiNsOf(text(header, 'TIMESYS') ?? 'UTC');
  const begin = text(header, 'DATE-BEG') ?? text(header, 'DATE-OBS');
  if (begin === undefined)
    throw new RangeError('The header has neither DATE-BEG nor DATE-OBS, so no begin of exposure.');
  const beginTaiNs = toTai(nsFromIso(begin));
  const end = text(header, 'DATE-END');
  const endTaiNs = end === undefined ? taiNs(beginTaiNs + exposureNs(header)) : toTai(nsFromIso(end));
  if (endTaiNs < beginTaiNs)
    throw new RangeError(`The exposure ends (DATE-END ${end}) before it begins (${begin}).`);
  return {
    beginMjdTai: mjdTaiFromTaiNs(beginTaiNs),
    endMjdTai: mjdTaiFromTaiNs(endTaiNs),
    midpointMjdTai: mjdTaiFromTaiNs(taiNs((beginTaiNs + endTaiNs) / 2n)),
    beginTaiNs,
    endTaiNs,
  };
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

function exposureNs(header: Header | Readonly<Record<string, unknown>>): bigint {
  const seconds = value(header, 'EXPTIME');
  if (typeof seconds !== 'number' || !(seconds >= 0)) {
    throw new RangeError(
      'The header has no DATE-END and no EXPTIME of 0 or more seconds, so no end of exposure.',
    );
  }
  return BigInt(Math.round(seconds * 1e9));
}

function text(header: Header | Readonly<Record<string, unknown>>, keyword: string): string | undefined {
  const found = value(header, keyword);
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
}

function value(header: Header | Readonly<Record<string, unknown>>, keyword: string): unknown {
  return isCards(header) ? cardValue(header, keyword) : header[keyword];
}

const isCards = (header: Header | Readonly<Record<string, unknown>>): header is Header =>
  Array.isArray(header);
