import { json2satrec, type OMMJsonObject, type SatRec } from 'satellite.js';
import { isObject, parseJson } from '../json/parse.ts';
import type { MjdUtc } from '../time/scales.ts';
import { epochOf, type Omm, parseOmmFields } from './omm.ts';

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

/** Throws RangeError, without the text, where it is no JSON object. */
export function parseJsonObject(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (isObject(value)) return value;
  throw new RangeError('It is not a JSON object.');
}
