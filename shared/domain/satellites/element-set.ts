import { json2satrec, type OMMJsonObject, type SatRec } from 'satellite.js';
import type { MjdUtc } from '../time/scales.ts';
import { epochOf, type Omm, parseOmmFields } from './omm.ts';
import { ommFromTle } from './two-line.ts';

/** An element set made ready for SGP4 and SDP4. */
export interface Satellite {
  readonly satrec: SatRec;
  /** Kept beside the satrec, whose Julian date is good to 40 microseconds and, from an OMM, cut to milliseconds: 8 m. */
  readonly epochMjdUtc: MjdUtc;
}

export function satelliteOf(omm: Omm): Satellite {
  return { satrec: json2satrec(omm as OMMJsonObject), epochMjdUtc: epochOf(omm) };
}

/** One object in the keywords of an OMM in JSON. Throws RangeError as parseOmmFields does. */
export function parseOmm(line: string): Satellite {
  return satelliteOf(parseOmmFields(parseJsonObject(line)));
}

/** Throws RangeError for lines that are not a pair, or whose checksum is wrong. */
export function parseTle(line1: string, line2: string): Satellite {
  return satelliteOf(ommFromTle(line1, line2));
}

/** Throws RangeError without the text, parts of which JSON.parse's own error repeats. */
export function parseJsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new RangeError('It is not a JSON object.');
}
