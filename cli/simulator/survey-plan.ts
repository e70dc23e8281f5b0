import { exposureId, observationId } from '#shared/domain/ids/exposure-id.ts';
import { findInstrument, type Instrument } from '#shared/domain/ids/instruments.ts';
import type { Band } from './passbands.ts';
import { randomStream } from './random.ts';
import { dayObsOf, isoTai, mjdUtc, type TaiMs, taiFromUnixMs } from './tai.ts';

/** One exposure as the observatory plans it. */
export interface Visit {
  /** 0-based place in the plan. */
  readonly index: number;
  readonly visit: bigint;
  readonly dayObs: number;
  readonly seqNum: number;
  readonly obsId: string;
  readonly group: string;
  readonly fieldName: string;
  readonly band: Band;
  readonly physicalFilter: string;
  /** What the header says of the pointing, ICRS degrees. */
  readonly raDeg: number;
  readonly decDeg: number;
  readonly skyAngleDeg: number;
  /** When nextVisit is sent. */
  readonly announce: TaiMs;
  /** DATE-BEG and DATE-END. The shutter's 30 s lie about their middle. */
  readonly begin: TaiMs;
  readonly end: TaiMs;
}

/** A survey of one camera: visits by their number, without end unless `visits` bounds it. */
export interface Plan {
  readonly instrument: Instrument;
  readonly seed: number;
  /** Numbers of the detectors that are read out. */
  readonly detectors: readonly number[];
  /** How many visits; Infinity where the survey goes on. */
  readonly visits: number;
  visitAt(index: number): Visit;
}

export const VISITS_A_NIGHT = 900;
const CADENCE_MS = 37_000;
/** nextVisit comes at least 20 s before the exposure; here, as on the real night in data/headers, 28 s. */
const AHEAD_MS = 28_000;
/** DATE-END minus DATE-BEG of LSSTCam's 30 s exposures is 30.95 s: shutter travel is within. */
const SHUTTER_CYCLE_MS = 30_950;
/** Two hours on one pair of fields, then the next pair: they stay within two hours of the meridian. */
const VISITS_A_BLOCK = 180;
const FIELD_STEP_DEG = 6;
/** Two visits in each band, then the next. */
export const surveyBands: readonly Band[] = ['r', 'i', 'g'];
const lsstCamFilters: Partial<Record<Band, string>> = { g: 'g_6', r: 'r_57', i: 'i_39' };

/** The survey that a seed gives. `detectors`: the first so many science detectors by number; default all. */
export function planNight(options: {
  camera: string;
  seed: number;
  visits?: number;
  detectors?: number;
}): Plan {
  const instrument = findInstrument(options.camera);
  if (!instrument) throw new Error(`No camera is called ${options.camera}.`);
  const science = instrument.detectors.filter((detector) => detector.purpose === 'SCIENCE');
  const nightStart = startOfFirstNight(options.seed);
  return {
    instrument,
    seed: options.seed,
    detectors: science.slice(0, options.detectors ?? science.length).map((detector) => detector.number),
    visits: options.visits ?? Number.POSITIVE_INFINITY,
    visitAt: (index) => visitAt(instrument, options.seed, nightStart, index),
  };
}

/** 01:30 UTC of a date between 2026-01-06 and 2026-05-05. */
function startOfFirstNight(seed: number): TaiMs {
  const day = randomStream(seed, 'date').index(120);
  return taiFromUnixMs(Date.UTC(2026, 0, 6 + day, 1, 30, 0, 456));
}

function visitAt(instrument: Instrument, seed: number, nightStart: TaiMs, index: number): Visit {
  const night = Math.floor(index / VISITS_A_NIGHT);
  const place = index % VISITS_A_NIGHT;
  const begin = nightStart + night * 86_400_000 + place * CADENCE_MS;
  const announce = begin - AHEAD_MS;
  const band = surveyBands[Math.floor(place / 2) % surveyBands.length];
  const exposure = { dayObs: dayObsOf(begin), seqNum: place + 1, controller: 'O' as const };
  return {
    index,
    visit: exposureId(exposure),
    dayObs: exposure.dayObs,
    seqNum: exposure.seqNum,
    obsId: observationId({ code: instrument.code, ...exposure }),
    group: isoTai(announce),
    band,
    physicalFilter: physicalFilterOf(instrument, band),
    ...fieldOf(instrument, seed, nightStart, Math.floor(place / VISITS_A_BLOCK), place % 2),
    announce,
    begin,
    end: begin + SHUTTER_CYCLE_MS,
  };
}

/** One of a block's two fields, which take turns; near the meridian in the middle of the block. */
function fieldOf(instrument: Instrument, seed: number, nightStart: TaiMs, block: number, side: number) {
  const draw = randomStream(seed, 'field', block);
  const meridian = siderealDeg(
    nightStart + (block + 0.5) * VISITS_A_BLOCK * CADENCE_MS,
    instrument.observer.longitudeDeg,
  );
  const decDeg = round(draw.between(-48, -14), 4);
  const skyAngleDeg = round(draw.between(0, 360), 4);
  const step = ((side - 0.5) * FIELD_STEP_DEG) / Math.cos((decDeg * Math.PI) / 180);
  const raDeg = round((((meridian + step) % 360) + 360) % 360, 4);
  return { fieldName: `SIM_${block}${'AB'[side]}`, raDeg, decDeg, skyAngleDeg };
}

/** Local mean sidereal time in degrees to 0.01 (Meeus, Astronomical Algorithms, 12.4). */
export function siderealDeg(tai: TaiMs, longitudeDeg: number): number {
  const days = mjdUtc(tai) - 51_544.5;
  return (((280.46061837 + 360.98564736629 * days + longitudeDeg) % 360) + 360) % 360;
}

function physicalFilterOf(instrument: Instrument, band: Band): string {
  const preferred = instrument.name === 'LSSTCam' ? lsstCamFilters[band] : undefined;
  const filter = instrument.filters.find(
    ({ physicalFilter, band: its }) =>
      its === band && (preferred === undefined || physicalFilter === preferred),
  );
  if (!filter) throw new Error(`${instrument.name} has no filter of band ${band}.`);
  return filter.physicalFilter;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
