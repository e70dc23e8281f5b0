import { json2satrec, type OMMJsonObject, type SatRec, twoline2satrec } from 'satellite.js';
import { type MjdUtc, mjdUtc, parseIso } from '../time/scales.ts';

/** An element set made ready for SGP4 and SDP4. */
export interface Satellite {
  readonly satrec: SatRec;
  /** Kept beside the satrec, whose Julian date is good to 40 microseconds and, from an OMM, cut to milliseconds: 8 m. */
  readonly epochMjdUtc: MjdUtc;
}

/** What SGP4 needs of an OMM beside its epoch; the derivatives of the mean motion do not enter it. */
const needed = [
  'MEAN_MOTION',
  'ECCENTRICITY',
  'INCLINATION',
  'RA_OF_ASC_NODE',
  'ARG_OF_PERICENTER',
  'MEAN_ANOMALY',
  'BSTAR',
] as const;

/**
 * One object in the keywords of an OMM (CCSDS 502.0-B-3), as Space-Track and CelesTrak give it in JSON, numbers as
 * text or bare. Throws RangeError naming the keyword that is missing or no number.
 */
export function parseOmm(line: string): Satellite {
  const omm: unknown = JSON.parse(line);
  if (typeof omm !== 'object' || omm === null) throw new RangeError('An element set is not a JSON object.');
  const fields: Record<string, unknown> = { ...omm };
  const epoch = fields.EPOCH;
  if (typeof epoch !== 'string') throw new RangeError('An element set has no EPOCH.');
  for (const keyword of needed) {
    if (!Number.isFinite(numberOf(fields[keyword])))
      throw new RangeError(`An element set's ${keyword} is not a number.`);
  }
  if (fields.EPHEMERIS_TYPE !== undefined && Number(fields.EPHEMERIS_TYPE) !== 0)
    throw new RangeError(`An element set's EPHEMERIS_TYPE is ${fields.EPHEMERIS_TYPE}; SGP4's is 0.`);
  const ready = { NORAD_CAT_ID: '0', ...fields, EPOCH: epoch };
  return usable({ satrec: json2satrec(ready as OMMJsonObject), epochMjdUtc: mjdUtc(parseIso(epoch)) });
}

const numberOf = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : Number.NaN;

/** Throws RangeError for lines that are not a pair, or whose checksum is wrong. */
export function parseTle(line1: string, line2: string): Satellite {
  for (const [line, number] of [
    [line1, '1'],
    [line2, '2'],
  ]) {
    if (line.length !== 69 || line[0] !== number)
      throw new RangeError(
        `Line ${number} of an element set is not 69 characters that begin with ${number}.`,
      );
    if (Number(line[68]) !== checksum(line))
      throw new RangeError(`Line ${number} of an element set has a wrong checksum.`);
  }
  if (line1.slice(2, 7) !== line2.slice(2, 7))
    throw new RangeError('The two lines of an element set are of different satellites.');
  const satrec = twoline2satrec(line1, line2);
  const year = Number(line1.slice(18, 20));
  const newYear = Date.UTC(year < 57 ? 2000 + year : 1900 + year, 0, 1) / 86_400_000 + 40_587;
  return usable({ satrec, epochMjdUtc: mjdUtc(newYear + Number(line1.slice(20, 32)) - 1) });
}

/** Sum of the digits, a minus counting 1, modulo 10. */
function checksum(line: string): number {
  let sum = 0;
  for (const character of line.slice(0, 68)) sum += character === '-' ? 1 : Number(character) || 0;
  return sum % 10;
}

function usable(satellite: Satellite): Satellite {
  if (Number.isFinite(satellite.epochMjdUtc)) return satellite;
  throw new RangeError('An element set has no epoch that can be read.');
}
