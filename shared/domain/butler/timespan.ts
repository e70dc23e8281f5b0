import { exposureTimes } from '../time/exposure-times.ts';
import { mjdDayFromDayObs, mjdTai, type TaiNs, taiNs, taiNsFromMjdTai } from '../time/scales.ts';
import { numberIn, type Sidecar, textIn } from './sidecar.ts';

/** Butler's timespan: ns since 1970-01-01 TAI, the end exclusive. */
export interface Timespan {
  readonly begin: TaiNs;
  readonly end: TaiNs;
}

/**
 * From when to when an exposure lasts, as Butler records it: begin with all digits of MJD-BEG, end with those of
 * DATE-END alone, else begin and the shutter's (else requested) seconds; never negative.
 * @throws RangeError naming the keyword that is missing or wrong.
 */
export function exposureTimespan(sidecar: Sidecar): Timespan {
  const instant = (keywords: Sidecar) =>
    exposureTimes({ TIMESYS: sidecar.TIMESYS, EXPTIME: 0, ...keywords }).beginTaiNs;
  const begin = instant({
    'DATE-BEG': sidecar['DATE-BEG'],
    'MJD-BEG': sidecar['MJD-BEG'],
    'DATE-OBS': sidecar['DATE-OBS'],
    'MJD-OBS': sidecar['MJD-OBS'],
  });
  const written = textIn(sidecar, 'DATE-END');
  const end =
    written === undefined
      ? taiNs(begin + BigInt(Math.round(openSeconds(sidecar) * 1e9)))
      : instant({ 'DATE-BEG': written });
  if (end < begin) return { begin, end: begin };
  return { begin, end };
}

/** Noon to noon, TAI. */
export function dayObsTimespan(dayObs: number): Timespan {
  const noon = mjdDayFromDayObs(dayObs) + 0.5;
  return { begin: taiNsFromMjdTai(mjdTai(noon)), end: taiNsFromMjdTai(mjdTai(noon + 1)) };
}

/** Seconds that the shutter was open; for a dark, where it never was, those that were asked for. */
function openSeconds(sidecar: Sidecar): number {
  const shutter = numberIn(sidecar, 'SHUTTIME') ?? 0;
  return shutter > 0 ? shutter : Math.max(0, numberIn(sidecar, 'EXPTIME') ?? 0);
}
