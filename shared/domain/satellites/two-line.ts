import { catalogNumber } from './catalog-number.ts';
import { type Omm, parseOmmFields } from './omm.ts';

/**
 * Columns of line 1: number, class, launch, year, day, its fraction, derivatives, BSTAR, ephemeris type, set. What SGP4
 * does not use may be anything: a satellite that is left out has no corridor.
 */
const form1 =
  /^1 (.{5})(.) (.{8}) (\d\d)([ \d]{3})\.(\d{8}) (.{10}) (.{8}) ([ +-]\d{5}[ +-]\d) (.) (.{4})\d$/;
/** Columns of line 2: number, inclination, node, eccentricity, perigee, anomaly, mean motion, revolutions. */
const form2 =
  /^2 (.{5}) ([ \d]{3}\.\d{4}) ([ \d]{3}\.\d{4}) ([ \d]{7}) ([ \d]{3}\.\d{4}) ([ \d]{3}\.\d{4}) ([ \d]{2}\.\d{8})(.{5})\d$/;

/**
 * A two-line element set as an OMM, with every digit of its elements: the epoch's eighth decimal of a day is 864
 * microseconds. Format as in Space-Track's and CelesTrak's documentation; trailing spaces are no fault. Throws
 * RangeError, which says which line is wrong and why and holds nothing of the lines.
 */
export function ommFromTle(line1: string, line2: string): Omm {
  const first = columns(line1.trimEnd(), 1, form1);
  const second = columns(line2.trimEnd(), 2, form2);
  const [number, classification, launch, year, day, fraction, dot, ddot, bstar, ephemeris, set] = first;
  const [sameNumber, inclination, node, eccentricity, perigee, anomaly, meanMotion, revolutions] = second;
  if (catalogNumber(number) !== catalogNumber(sameNumber))
    throw new RangeError('The two lines are of different objects.');
  return parseOmmFields({
    NORAD_CAT_ID: catalogNumber(number),
    OBJECT_ID: designator(launch),
    CLASSIFICATION_TYPE: classification,
    EPOCH: epoch(Number(year), Number(day), Number(fraction)),
    MEAN_MOTION: meanMotion.trim(),
    ECCENTRICITY: `0.${eccentricity.replaceAll(' ', '0')}`,
    INCLINATION: inclination.trim(),
    RA_OF_ASC_NODE: node.trim(),
    ARG_OF_PERICENTER: perigee.trim(),
    MEAN_ANOMALY: anomaly.trim(),
    EPHEMERIS_TYPE: ephemeris.trim() || undefined,
    ELEMENT_SET_NO: given(set),
    REV_AT_EPOCH: given(revolutions),
    BSTAR: assumedPoint(bstar),
    MEAN_MOTION_DOT: given(dot.replace(/^[ +]?(-?)\./, '$10.')),
    MEAN_MOTION_DDOT: given(assumedPoint(ddot)),
  });
}

function columns(line: string, number: 1 | 2, form: RegExp): string[] {
  if (line.length !== 69 || line[0] !== String(number))
    throw new RangeError(`Line ${number} does not have 69 characters that begin with ${number}.`);
  if (line[68] !== String(checksum(line))) throw new RangeError(`Line ${number} has a wrong checksum.`);
  const match = form.exec(line);
  if (!match) throw new RangeError(`Line ${number} has something else than a number in a number's columns.`);
  return match.slice(1);
}

/** Sum of the digits, a minus counting 1, modulo 10. */
function checksum(line: string): number {
  let sum = 0;
  for (let column = 0; column < 68; column++) {
    const digit = line.charCodeAt(column) - 48;
    if (digit >= 0 && digit <= 9) sum += digit;
    else if (line[column] === '-') sum++;
  }
  return sum % 10;
}

/** `-11606-4` is -0.11606e-4; some write the exponent 0 without its sign. */
const assumedPoint = (text: string): string =>
  text.replace(
    /^[ +]?(-?)(\d{5})([ +-])(\d)$/,
    (_, sign, digits, exponent, power) => `${sign}0.${digits}e${exponent.trim()}${power}`,
  );

/** Undefined for columns that hold no number. */
const given = (text: string): string | undefined =>
  text.trim() !== '' && Number.isFinite(Number(text)) ? text.trim() : undefined;

/** International designator: launch year and number, and piece. */
const designator = (launch: string): string =>
  launch
    .replace(/^(\d\d)(\d{3}[A-Z]{0,3}) *$/, (_, year, piece) => `${century(Number(year))}-${piece}`)
    .trim();

/** Years below 57 are of this century: Sputnik flew in 1957. */
const century = (year: number): number => (year < 57 ? 2000 : 1900) + year;

function epoch(year: number, day: number, fraction: number): string {
  const fullYear = century(year);
  const date = new Date(Date.UTC(fullYear, 0, day));
  if (day < 1 || date.getUTCFullYear() !== fullYear)
    throw new RangeError('Line 1 has an epoch on a day that its year does not have.');
  const microseconds = fraction * 864;
  const time = new Date(Math.floor(microseconds / 1000)).toISOString().slice(11, 23);
  return `${date.toISOString().slice(0, 10)}T${time}${String(microseconds % 1000).padStart(3, '0')}`;
}
