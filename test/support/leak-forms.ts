import { toVector } from '#shared/domain/sky/vector.ts';
import { zigzag } from './find-numbers.ts';

/** What may tell where a source is: its id, and where it was measured. */
export interface Telling {
  readonly diaSourceId: bigint;
  readonly ra: number;
  readonly dec: number;
  readonly x: number;
  readonly y: number;
  /** RA and Dec of the corners of its box. */
  readonly bboxSky: readonly (readonly [number, number])[];
}

/** Bytes that tell of a source; where `beside` is given, only with those within 64 bytes. */
export interface Form {
  readonly of: Telling;
  /** What they are, for somebody who looks why a search has found something. */
  readonly says: string;
  readonly bytes: Buffer;
  readonly beside?: Buffer;
}

/** Looks for all forms of some sources at once; answers those that it has found. */
export type Search = (bytes: Uint8Array) => ReadonlySet<Form>;

/**
 * A search for every form in which these sources may be told: text to five decimals of a degree or pixel and beyond,
 * in pairs to four, rounded or cut off; doubles and, in pairs, floats of either byte order; in degrees, in radians and
 * as unit vectors; ids as text, 8 bytes and Avro's varint.
 */
export function searchFor(sources: readonly Telling[]): Search {
  const anchors = sources.flatMap(formsOf).map(anchorOf);
  const isLong = ({ form, skip }: Anchor): boolean => form.bytes.length - skip >= keyLength;
  const [long, short] = [anchors.filter(isLong), anchors.filter((anchor) => !isLong(anchor))];
  const first = ({ form, skip }: Anchor): number => form.bytes.readUInt32BE(skip);
  const begins = new Set(anchors.map(first));
  const byKey = Map.groupBy(long, ({ form, skip }) => keyAt(form.bytes, skip));
  const byFirst = Map.groupBy(short, first);
  // Two bytes decide for nearly all places: a look into a table instead of one into a set.
  const table = new Uint8Array(65_536);
  for (const four of begins) table[four >>> 16] = 1;
  return (given) => {
    const bytes = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    const found = new Set<Form>();
    for (let at = 0; at + 4 <= bytes.length; at++) {
      if (table[(bytes[at]! << 8) | bytes[at + 1]!] === 0) continue;
      const four = bytes.readUInt32BE(at);
      if (!begins.has(four)) continue;
      for (const anchor of [...(byKey.get(keyAt(bytes, at)) ?? []), ...(byFirst.get(four) ?? [])])
        if (stands(anchor.form, bytes, at - anchor.skip)) found.add(anchor.form);
    }
    return found;
  };
}

/** A form, and how many of its bytes lie before those by which it is looked for. */
interface Anchor {
  readonly form: Form;
  readonly skip: number;
}

/** What a double that was a float begins with are zeros, as whole pages of a database do. */
function anchorOf(form: Form): Anchor {
  const { bytes } = form;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return { form, skip: Math.min(Math.max(0, zeros), bytes.length - 4) };
}

/** Bytes that tell most forms from each other. */
const keyLength = 6;

const keyAt = (bytes: Buffer, at: number): string => bytes.toString('latin1', at, at + keyLength);

function stands({ bytes: wanted, beside }: Form, bytes: Buffer, at: number): boolean {
  const end = at + wanted.length;
  if (at < 0 || end > bytes.length) return false;
  if (bytes.compare(wanted, 0, wanted.length, at, end) !== 0) return false;
  return !beside || bytes.subarray(Math.max(0, at - 64), at + 64).includes(beside);
}

/** Every form of one source. A float alone has its like among millions of pixels; two of them side by side do not. */
export function formsOf(of: Telling): Form[] {
  const pairs = pairsOf(of);
  const numbers = Object.entries(pairs).flatMap(([name, { values, decimals }]) =>
    values.flatMap((value): Omit<Form, 'of'>[] => [
      ...texts(value, decimals).map((bytes) => ({ says: `${name} ${bytes}`, bytes })),
      ...bothOrders(float64(value)).map((bytes) => ({ says: `${name} ${value} as a double`, bytes })),
    ]),
  );
  const short = Object.entries(pairs).flatMap(([name, { values, decimals }]) => {
    const [first, second] = values.slice(0, 2).map((value) => texts(value, decimals - 1).slice(0, 2));
    return first!.flatMap((bytes) =>
      second!.map((beside) => ({ says: `${name} ${bytes} and ${beside}`, bytes, beside })),
    );
  });
  const floats = Object.entries(pairs).flatMap(([name, { values }]) => {
    const [bytes, beside] = values.slice(0, 2).map((value) => bothOrders(float32(value)));
    const says = `${name} ${values.join(', ')} as floats`;
    return [0, 1].map((order) => ({ says, bytes: bytes![order]!, beside: beside![order]! }));
  });
  const id = of.diaSourceId;
  const ids = [Buffer.from(`${id}`), Buffer.from(id.toString(16)), ...bothOrders(int64(id)), zigzag(id)];
  return [...numbers, ...short, ...floats, ...ids.map((bytes) => ({ says: `the id ${id}`, bytes }))].map(
    (form) => ({
      of,
      ...form,
    }),
  );
}

/** Numbers that together tell a place, and the decimals from which on a text of one of them does. */
function pairsOf({
  ra,
  dec,
  x,
  y,
  bboxSky,
}: Telling): Record<string, { values: readonly number[]; decimals: number }> {
  return {
    'RA and Dec': { values: [ra, dec], decimals: 5 },
    'x and y': { values: [x, y], decimals: 5 },
    radians: { values: [ra, dec].map((degrees) => (degrees * Math.PI) / 180), decimals: 7 },
    'unit vector': { values: toVector(ra, dec), decimals: 7 },
    ...Object.fromEntries(
      bboxSky.map((corner, index) => [`corner ${index}`, { values: corner, decimals: 5 }]),
    ),
  };
}

/**
 * Its digits, cut off after so many decimals, which every longer text begins with; then as rounding may change them,
 * to so many decimals first.
 */
function texts(value: number, decimals: number): Buffer[] {
  const size = Math.abs(value);
  const cut = size.toFixed(15).slice(0, decimals - 15);
  const rounded = [0, 1, 2, 3].map((more) => size.toFixed(decimals + more));
  return [cut, ...rounded].map((text) => Buffer.from(text));
}

const float64 = (value: number): Buffer => Buffer.from(new Float64Array([value]).buffer);
const float32 = (value: number): Buffer => Buffer.from(new Float32Array([value]).buffer);
const int64 = (value: bigint): Buffer => Buffer.from(new BigInt64Array([value]).buffer);
const bothOrders = (bytes: Buffer): Buffer[] => [bytes, Buffer.from(bytes).reverse()];
