import { isObject, parseJson } from '#shared/domain/json/parse.ts';
import { orientationBeginMjdUtc } from '#shared/domain/sky/earth-orientation.ts';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { isDeeperThan } from './json-depth.ts';
import { badRequest, Refusal } from './refusal.ts';

/** What visit_cache was told; MJD in TAI. */
export interface ToldVisit {
  readonly visit: bigint;
  /** Whether it is a past visit, judged by the catalogue nearest to it. */
  readonly historical: boolean;
  readonly beginMjdTai: number;
  readonly endMjdTai: number;
  readonly raDeg: number;
  readonly decDeg: number;
}

/** A request for an allow list, its sources in arrays that cross to another thread at once. */
export interface AllowQuery {
  readonly visit: bigint;
  readonly historical: boolean;
  readonly detector: bigint;
  readonly ids: BigInt64Array<ArrayBuffer>;
  /** RA and Dec in degrees of four corners: eight numbers a source. */
  readonly corners: Float64Array<ArrayBuffer>;
}

/** The bodies of the contract have five. */
const deepestLevel = 16;
/** A shorter body takes the parser 0.1 s at worst; the count of its levels takes as long as the parsing of a plain one. */
const leastCounted = 512 * 1024;
/** Longer than any exposure that alerts are made of; DECam's longest in use are 10 minutes. */
const longestExposureSeconds = 3600;

/** Reads the body of PUT /visit_cache, in which form a visit is also kept. Throws Refusal. */
export function parseVisit(body: string): ToldVisit {
  const read = readObject(body, [
    'visit_id',
    'exposure_start_mjd',
    'exposure_end_mjd',
    'boresight_ra',
    'boresight_dec',
  ]);
  const visit = integerIn(read, 'visit_id');
  const [beginMjdTai, endMjdTai] = [numberIn(read, 'exposure_start_mjd'), numberIn(read, 'exposure_end_mjd')];
  const [raDeg, decDeg] = [numberIn(read, 'boresight_ra'), numberIn(read, 'boresight_dec')];
  const seconds = (endMjdTai - beginMjdTai) * 86_400;
  if (!(seconds > 0 && seconds <= longestExposureSeconds))
    throw badValue('exposure_end_mjd', `later than exposure_start_mjd by up to ${longestExposureSeconds} s`);
  if (beginMjdTai < orientationBeginMjdUtc + 1)
    throw badValue('exposure_start_mjd', 'of 2010 or later: how the Earth lay before is not known here');
  if (Math.abs(decDeg) > 90) throw badValue('boresight_dec', 'between -90 and 90');
  return { visit, historical: read.historical === true, beginMjdTai, endMjdTai, raDeg, decDeg };
}

/** A visit by which it is told and asked for. */
export type VisitName = Pick<ToldVisit, 'visit' | 'historical'>;

/**
 * What the original calls a visit in its texts. It keeps the two kinds of one visit apart, and so do we: a night that is
 * processed again, with a header since corrected, neither needs nor disturbs what was told on the night itself.
 */
export const nameOf = ({ visit, historical }: VisitName): string =>
  historical ? `${visit}_historical` : `${visit}`;

export const visitKey = (visit: VisitName): string => `satellites/visits/${nameOf(visit)}.json`;

/** A visit as it is kept for all replicas: what {@link parseVisit} reads. */
export const visitRecord = ({
  visit,
  historical,
  beginMjdTai,
  endMjdTai,
  raDeg,
  decDeg,
}: ToldVisit): string =>
  `{"visit_id": ${visit}, "exposure_start_mjd": ${beginMjdTai}, "exposure_end_mjd": ${endMjdTai}, ` +
  `"boresight_ra": ${raDeg}, "boresight_dec": ${decDeg}, "historical": ${historical}}`;

/**
 * Whether a visit is told as before, within what two clients' arithmetic may differ and the margins of the geometry
 * cover: 0.1 s of the padding's 2 s, 10" of the field's reserve.
 */
export function toldAlike(a: ToldVisit, b: ToldVisit): boolean {
  const seconds = (x: number, y: number) => Math.abs(x - y) * 86_400;
  return (
    seconds(a.beginMjdTai, b.beginMjdTai) < 0.1 &&
    seconds(a.endMjdTai, b.endMjdTai) < 0.1 &&
    separationArcsec(a.raDeg, a.decDeg, b.raDeg, b.decDeg) < 10
  );
}

/** Reads the body of PUT /diasource_allow_list. Throws Refusal. */
export function parseAllowQuery(body: string): AllowQuery {
  const read = readObject(body, ['visit_id', 'detector_id', 'diasources']);
  const [visit, detector] = [integerIn(read, 'visit_id'), integerIn(read, 'detector_id')];
  if (!Array.isArray(read.diasources)) throw badValue('diasources', 'a list');
  const count = read.diasources.length;
  const [ids, corners] = [new BigInt64Array(count), new Float64Array(8 * count)];
  for (const [index, source] of read.diasources.entries()) {
    if (!isObject(source)) throw badValue(`diasources[${index}]`, 'an object');
    ids[index] = integerIn(source, 'diasource_id');
    readCorners(source.bbox, corners, 8 * index);
  }
  return { visit, historical: read.historical === true, detector, ids, corners };
}

/** Ids in the order they came. One of which any box is on a path is left out, however often it was sent. */
export function allowedIds(ids: BigInt64Array, onTrack: readonly boolean[]): BigInt64Array {
  // Most detectors have none on a path.
  if (!onTrack.includes(true)) return ids;
  const blocked = new Set(ids.filter((_, index) => onTrack[index]));
  return ids.filter((id) => !blocked.has(id));
}

/**
 * The answer's body. A single id stands in a flat list as well; the original's server nests it, on which its client
 * breaks.
 */
export const allowAnswer = (
  { visit, detector }: Pick<AllowQuery, 'visit' | 'detector'>,
  allowed: BigInt64Array,
): string => `{"visit_id": ${visit}, "detector_id": ${detector}, "allow_list": [${allowed.join(', ')}]}`;

/** A JSON object with these columns; malformed JSON is a 500 in the original. */
function readObject(body: string, columns: readonly string[]): Record<string, unknown> {
  if (body.length > leastCounted && isDeeperThan(deepestLevel, body))
    throw new Refusal(500, 'bad_request', `The body nests deeper than ${deepestLevel} levels.`);
  const read = parseJson(quoteIds(body));
  if (read === undefined)
    throw new Refusal(500, 'bad_request', `The body, of ${body.length} characters, is not JSON.`);
  if (!isObject(read)) throw new Refusal(500, 'bad_request', 'The body is not a JSON object.');
  for (const column of columns) {
    if (!Object.hasOwn(read, column)) throw badRequest(`Missing column ${column}.`);
  }
  return read;
}

/**
 * Ids have 64 bits and stand as bare integers. They are put into quotes before the text is parsed: JSON.parse with a
 * reviver that is told the source reads them too, but takes 13 ms for 1,000 sources instead of 2. Within a JSON string
 * no such key can stand, for its quotes would be escaped.
 */
const quoteIds = (body: string): string =>
  body.replace(/("(?:visit|detector|diasource)_id"\s*:\s*)(-?\d+)(?![\d.eE])/g, '$1"$2"');

const badValue = (column: string, expected: string): Refusal =>
  badRequest(`Column ${column} is not ${expected}.`);

function integerIn(object: Record<string, unknown>, column: string): bigint {
  const text = object[column];
  if (text === undefined) throw badRequest(`Missing column ${column}.`);
  const value = typeof text === 'string' && /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (value === undefined || BigInt.asIntN(64, value) !== value)
    throw badValue(column, 'an integer of 64 bits');
  return value;
}

function numberIn(object: Record<string, unknown>, column: string): number {
  const value = object[column];
  if (!isFiniteNumber(value)) throw badValue(column, 'a number');
  return value;
}

const isFiniteNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value);

/** Puts the four corners at their place, as eight numbers; plain loops, since this is half of what a request costs. */
function readCorners(bbox: unknown, corners: Float64Array, place: number): void {
  if (bbox === undefined) throw badRequest('Missing column bbox.');
  if (!Array.isArray(bbox) || bbox.length !== 4) throw noCorners();
  for (let index = 0; index < 4; index++) {
    const corner: unknown = bbox[index];
    if (!Array.isArray(corner) || corner.length !== 2) throw noCorners();
    const [raDeg, decDeg] = corner;
    if (!isFiniteNumber(raDeg) || !isFiniteNumber(decDeg) || Math.abs(decDeg) > 90) throw noCorners();
    corners[place + 2 * index] = raDeg;
    corners[place + 2 * index + 1] = decDeg;
  }
}

const noCorners = (): Refusal => badValue('bbox', 'four corners [RA, Dec] in degrees');
