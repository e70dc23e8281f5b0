import { isObject, parseJson } from '../json/parse.ts';
import { type MjdUtc, mjdUtc, parseIso } from '../time/scales.ts';
import { epochOf, type Omm, parseOmmFields } from './omm.ts';
import { ommFromTle } from './two-line.ts';

/** One element set as a source gives it. */
export interface ElementRecord {
  /** Number in the United States' catalogue. */
  readonly norad: number;
  readonly epochMjdUtc: MjdUtc;
  readonly omm: Omm;
  /** What it was read from; an OMM has room for more digits. */
  readonly format: 'omm' | 'tle';
  /** The day (its beginning) on which the object is said to have come down. */
  readonly decayedMjdUtc?: MjdUtc;
}

/** An element set that was left out. Both texts hold nothing of it, so that they may be logged for any source. */
export interface RefusedElements {
  /** File and line, or place in its list. */
  readonly place: string;
  readonly why: string;
}

export interface ElementFile {
  readonly elements: readonly ElementRecord[];
  readonly refused: readonly RefusedElements[];
}

/**
 * The element sets of a text in one of the forms that sources give: a JSON array of OMMs (Space-Track, CelesTrak), one
 * in an object's `data` (Space-Track with metadata), a single OMM or one a line, or TLEs of two lines or, with a name before them,
 * three. What cannot be read is refused by itself with its place; a text in none of these forms is refused as a whole.
 */
export function parseElementFile(text: string, name: string): ElementFile {
  const content = text.replace(/^\uFEFF/, '');
  const begin = content.trimStart()[0];
  if (begin === undefined) return { elements: [], refused: [{ place: name, why: 'It is empty.' }] };
  if (begin !== '[' && begin !== '{') return readTles(content, name);
  const whole = parseJson(content);
  if (Array.isArray(whole)) return readList(whole, name);
  if (isObject(whole)) return readList(Array.isArray(whole.data) ? whole.data : [whole], name);
  if (begin === '{') return readLines(content, name);
  return { elements: [], refused: [{ place: name, why: 'It is not whole JSON.' }] };
}

function readList(list: readonly unknown[], name: string): ElementFile {
  return collect(list.map((item, index) => [`${name}, element set ${index + 1}`, () => recordOf(item)]));
}

function readLines(content: string, name: string): ElementFile {
  const lines = content.split(/\r?\n/).map((line, index) => [line, index + 1] as const);
  return collect(
    lines
      .filter(([line]) => line.trim() !== '')
      .map(([line, number]) => [`${name}, line ${number}`, () => recordOf(parseJson(line))]),
  );
}

type Reading = readonly [place: string, read: () => ElementRecord];

function collect(readings: Iterable<Reading>): ElementFile {
  const elements: ElementRecord[] = [];
  const refused: RefusedElements[] = [];
  for (const [place, read] of readings) {
    try {
      elements.push(read());
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      refused.push({ place, why: error.message });
    }
  }
  return { elements, refused };
}

/** The OMM keywords of a record; its TLE_LINE1 and TLE_LINE2 only where it has no others. */
function recordOf(item: unknown): ElementRecord {
  if (!isObject(item)) throw new RangeError('It is not a JSON object.');
  const { EPOCH, TLE_LINE1, TLE_LINE2, DECAY_DATE } = item;
  const decayed =
    typeof DECAY_DATE === 'string' && DECAY_DATE !== '' ? { decayedMjdUtc: dayOf(DECAY_DATE) } : {};
  if (EPOCH === undefined && typeof TLE_LINE1 === 'string' && typeof TLE_LINE2 === 'string')
    return { ...record(ommFromTle(TLE_LINE1, TLE_LINE2), 'tle'), ...decayed };
  return { ...record(parseOmmFields(item), 'omm'), ...decayed };
}

const record = (omm: Omm, format: ElementRecord['format']): ElementRecord => ({
  norad: omm.NORAD_CAT_ID,
  epochMjdUtc: epochOf(omm),
  omm,
  format,
});

function dayOf(text: string): MjdUtc {
  try {
    return mjdUtc(parseIso(text.slice(0, 10)));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RangeError('DECAY_DATE is not a day of the form YYYY-MM-DD.');
  }
}

function readTles(content: string, name: string): ElementFile {
  const lines = content
    .split(/\r?\n/)
    .map((line, index) => ({ text: line.trimEnd(), place: `${name}, line ${index + 1}` }))
    .filter(({ text }) => text !== '');
  return collect(tleReadings(lines));
}

/** A line 2 belongs to the line 1 right before it; any other line names what follows. */
function* tleReadings(lines: readonly { text: string; place: string }[]): Generator<Reading> {
  for (let index = 0; index < lines.length; index++) {
    const { text, place } = lines[index];
    const next = lines[index + 1]?.text ?? '';
    if (text.startsWith('1 ') && next.startsWith('2 ')) {
      index++;
      yield [place, () => record(ommFromTle(text, next), 'tle')];
    } else if (text.startsWith('1 ')) yield [place, refusal('No line 2 follows it.')];
    else if (text.startsWith('2 ')) yield [place, refusal('No line 1 is before it.')];
    else if (!next.startsWith('1 '))
      yield [place, refusal('It is no line of an element set, nor a name before one.')];
  }
}

const refusal = (why: string) => (): never => {
  throw new RangeError(why);
};
