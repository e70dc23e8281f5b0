import { exposureId, parseObservationId } from '../ids/exposure-id.ts';
import type { Instrument } from '../ids/instruments.ts';
import { numberIn, type Sidecar, textIn } from './sidecar.ts';
import { exposureTimespan, type Timespan } from './timespan.ts';

/** One row of Butler's table `exposure`, by its columns' names (dimension universe 8). */
export interface ExposureRow {
  readonly instrument: string;
  readonly id: bigint;
  /** YYYYMMDD. */
  readonly day_obs: number;
  readonly group: string;
  readonly physical_filter: string;
  readonly obs_id: string;
  /** As requested, seconds. */
  readonly exposure_time: number | null;
  /** Seconds. */
  readonly dark_time: number | null;
  readonly observation_type: string;
  readonly observation_reason: string;
  readonly seq_num: number;
  readonly seq_start: number;
  readonly seq_end: number;
  readonly target_name: string;
  readonly science_program: string;
  /** ICRS, degrees; null where the telescope did not track the sky. */
  readonly tracking_ra: number | null;
  readonly tracking_dec: number | null;
  /** Degrees; null where the rotator's angle is not one on the sky. */
  readonly sky_angle: number | null;
  /** Degrees, at the begin. */
  readonly azimuth: number | null;
  readonly zenith_angle: number | null;
  readonly has_simulated: boolean;
  /** Null: unknown. */
  readonly can_see_sky: boolean | null;
  readonly timespan: Timespan;
}

/**
 * The row that a raw's header makes, by the rules of obs_lsst's translators and obs_base; the original's corrections
 * of single past nights are not among them. Day, number and id are those of `expId`, the exposure in the object's
 * key, which the header's OBSID repeats.
 * @throws RangeError or InvalidId naming what is missing or wrong.
 */
export function exposureRow(instrument: Instrument, sidecar: Sidecar, expId: string): ExposureRow {
  const observation = parseObservationId(expId);
  const id = exposureId(observation);
  const type = observationType(sidecar);
  const exposureTime = numberIn(sidecar, 'EXPTIME') ?? null;
  return {
    instrument: instrument.name,
    id,
    day_obs: observation.dayObs,
    group: textIn(sidecar, 'GROUPID') ?? String(id),
    physical_filter: physicalFilter(instrument, sidecar),
    obs_id: expId,
    exposure_time: exposureTime,
    dark_time: numberIn(sidecar, 'DARKTIME') ?? exposureTime,
    observation_type: type,
    observation_reason: observationReason(sidecar, type),
    ...sequence(sidecar, observation.seqNum),
    target_name: textIn(sidecar, 'OBJECT') ?? 'UNKNOWN',
    science_program: textIn(sidecar, 'PROGRAM') ?? textIn(sidecar, 'RUNNUM') ?? 'unknown',
    ...pointing(sidecar, type),
    ...horizon(sidecar),
    has_simulated: isSimulated(sidecar, observation.controller),
    can_see_sky: canSeeSky(instrument, sidecar, type),
    timespan: exposureTimespan(sidecar),
  };
}

function observationType(sidecar: Sidecar): string {
  const type = textIn(sidecar, 'IMGTYPE')?.toLowerCase() ?? 'unknown';
  return type === 'object' || type === 'skyexp' ? 'science' : type;
}

function observationReason(sidecar: Sidecar, type: string): string {
  const reason = textIn(sidecar, 'REASON') ?? textIn(sidecar, 'TESTTYPE');
  return reason?.toLowerCase() ?? (type === 'science' ? 'science' : 'unknown');
}

/** LATISS has a disperser behind its filter; the other cameras may have several wheels, empty ones not counted. */
function physicalFilter(instrument: Instrument, sidecar: Sidecar): string {
  const occupied = (name: string | undefined) => (name && /^empty_?\d*$/i.test(name) ? 'empty' : name);
  if (instrument.name === 'LATISS') {
    const filter = occupied(textIn(sidecar, 'FILTER')) ?? 'unknown';
    return `${filter}~${occupied(textIn(sidecar, 'GRATING')) ?? 'unknown'}`;
  }
  const names = ['FILTER', 'FILTER1', 'FILTER2'].flatMap((keyword) => textIn(sidecar, keyword) ?? []);
  const joined = names.join('~').replaceAll('NONE', 'none');
  return joined === '' ? 'unknown' : joined.replace(/(~empty)+$/, '');
}

function sequence(sidecar: Sidecar, seq_num: number) {
  const index = numberIn(sidecar, 'CURINDEX');
  const last = numberIn(sidecar, 'MAXINDEX');
  return {
    seq_num,
    seq_start: index === undefined ? seq_num : seq_num - index + 1,
    seq_end: index === undefined || last === undefined ? seq_num : seq_num + last - index,
  };
}

/** Types of exposures that see no sky; a dark may track it all the same. */
const darkTypes = ['bias', 'dark', 'flat'];

/** Where the telescope tracked: RASTART, the mount's own position, comes before RA, the one that was asked for. */
function pointing(sidecar: Sidecar, type: string) {
  const nowhere = { tracking_ra: null, tracking_dec: null, sky_angle: null };
  const system = textIn(sidecar, 'TRACKSYS');
  if (type === 'bias' || type === 'flat' || (system !== undefined && system !== 'RADEC')) return nowhere;
  for (const [ra, dec] of [
    ['RASTART', 'DECSTART'],
    ['RA', 'DEC'],
  ]) {
    const tracking_ra = numberIn(sidecar, ra);
    const tracking_dec = numberIn(sidecar, dec);
    if (tracking_ra === undefined || tracking_dec === undefined) continue;
    const onSky = textIn(sidecar, 'ROTCOORD') === 'sky' && !darkTypes.includes(type);
    const sky_angle = onSky ? (numberIn(sidecar, 'ROTPA') ?? null) : null;
    return { tracking_ra, tracking_dec, sky_angle };
  }
  return nowhere;
}

function horizon(sidecar: Sidecar) {
  const azimuth = numberIn(sidecar, 'AZSTART');
  const elevation = numberIn(sidecar, 'ELSTART');
  if (azimuth === undefined || elevation === undefined || azimuth < -360 || elevation < -90) {
    return { azimuth: null, zenith_angle: null };
  }
  // The telescope can lean back over the zenith, which an altitude cannot say.
  return { azimuth: ((azimuth % 360) + 360) % 360, zenith_angle: 90 - Math.min(90, elevation) };
}

function isSimulated(sidecar: Sidecar, controller: string): boolean {
  const flagged = Object.entries(sidecar).some(([keyword, value]) => keyword.includes('SIMULATE') && value);
  return flagged || 'HPQS'.includes(controller);
}

function canSeeSky(instrument: Instrument, sidecar: Sidecar, type: string): boolean | null {
  // LATISS's shutter time is not to be trusted.
  if (instrument.name !== 'LATISS' && numberIn(sidecar, 'SHUTTIME') === 0) return false;
  const vignetting = textIn(sidecar, 'VIGN_MIN');
  if (vignetting !== undefined) return vignetting === 'UNKNOWN' ? null : vignetting !== 'FULLY';
  if (instrument.name === 'LSSTCam') return null;
  return type === 'science' ? true : darkTypes.includes(type) ? false : null;
}
