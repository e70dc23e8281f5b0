import { type MjdUtc, mjdUtc, parseIso } from '../time/scales.ts';
import { catalogNumber } from './catalog-number.ts';

/** What SGP4 needs beside the epoch; the derivatives of the mean motion do not enter it. */
const needed = [
  'MEAN_MOTION',
  'ECCENTRICITY',
  'INCLINATION',
  'RA_OF_ASC_NODE',
  'ARG_OF_PERICENTER',
  'MEAN_ANOMALY',
  'BSTAR',
] as const;

/** Kept where given, since the readers of other projects ask for them; names of objects are not. */
const kept = [
  'OBJECT_ID',
  'CLASSIFICATION_TYPE',
  'EPHEMERIS_TYPE',
  'ELEMENT_SET_NO',
  'REV_AT_EPOCH',
  'MEAN_MOTION_DOT',
  'MEAN_MOTION_DDOT',
] as const;

const used = [...needed, ...kept];

type Value = string | number;

/**
 * One element set in the keywords of an Orbit Mean-Elements Message (CCSDS 502.0-B-3), the numbers with the digits of
 * their source, as text or bare. Angles in degrees, mean motion in revolutions a day, BSTAR in inverse Earth radii,
 * epoch ISO 8601 UTC.
 */
export type Omm = { readonly NORAD_CAT_ID: number; readonly EPOCH: string } & {
  readonly [keyword in (typeof needed)[number]]: Value;
} & { readonly [keyword in (typeof kept)[number]]?: Value };

/** What SGP4 takes for granted, where a message says it. */
const taken: readonly (readonly [keyword: string, values: readonly string[]])[] = [
  ['CENTER_NAME', ['EARTH']],
  ['REF_FRAME', ['TEME']],
  ['TIME_SYSTEM', ['UTC']],
  ['MEAN_ELEMENT_THEORY', ['SGP4', 'SGP/SGP4']],
  // Space-Track's and CelesTrak's are all 0; 4 is SGP4-XP, whose elements SGP4 takes kilometres away.
  ['EPHEMERIS_TYPE', ['0']],
];

/**
 * An element set as Space-Track and CelesTrak give it in JSON, held to what SGP4 needs beside its epoch, of which
 * {@link epochOf} judges. Throws RangeError naming the keyword, never its value: an element of a private source must
 * not get into an error's text.
 */
export function parseOmmFields(fields: Readonly<Record<string, unknown>>): Omm {
  const { EPOCH } = fields;
  if (typeof EPOCH !== 'string') throw new RangeError('EPOCH is missing.');
  for (const [keyword, values] of taken) {
    const value = String(fields[keyword] ?? '').trim();
    if (value !== '' && !values.includes(value.toUpperCase()))
      throw new RangeError(
        `${keyword} is not ${values[0]}: such elements are not SGP4's (EPHEMERIS_TYPE 4 is SGP4-XP).`,
      );
  }
  for (const keyword of needed) {
    if (!Number.isFinite(numberOf(fields[keyword]))) throw new RangeError(`${keyword} is not a number.`);
  }
  if (!(numberOf(fields.MEAN_MOTION) > 0)) throw new RangeError('MEAN_MOTION is not above 0.');
  const eccentricity = numberOf(fields.ECCENTRICITY);
  if (!(eccentricity >= 0 && eccentricity < 1))
    throw new RangeError('ECCENTRICITY is not from 0 to below 1.');
  const omm: Record<string, Value> = {
    NORAD_CAT_ID: catalogNumber(fields.NORAD_CAT_ID),
    EPOCH: EPOCH.trim(),
  };
  for (const keyword of used) {
    const value = fields[keyword];
    if (typeof value === 'string' || typeof value === 'number') omm[keyword] = value;
  }
  return omm as Omm;
}

const numberOf = (value: unknown): number =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')
    ? Number(value)
    : Number.NaN;

/** To the microsecond. Throws RangeError, which does not repeat the text. */
export function epochOf({ EPOCH }: Pick<Omm, 'EPOCH'>): MjdUtc {
  try {
    return mjdUtc(parseIso(EPOCH));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError('EPOCH is not a time of the form YYYY-MM-DDTHH:MM:SS[.fff].');
  }
}
