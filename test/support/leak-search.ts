import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { dataLength } from '#shared/domain/fits/extent.ts';
import { request } from '#shared/drivers/http/request.ts';
import { aesSeal } from '#shared/drivers/node/seal.ts';
import { searchFor, type Telling } from './leak-forms.ts';
import type { Observatory } from './observatory.ts';

/** Something that can be read of a night: part of a file, a table, an answer, the log. */
export interface Place {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Names of the places that tell of any of these sources. */
export const placesTelling = (places: readonly Place[], sources: readonly Telling[]): string[] => [
  ...new Set(tellings(places, sources).map(({ place }) => place)),
];

/**
 * What is told of these sources, as sentences: where, and what. What was told `before` is no news: an object seen in
 * an earlier visit stands where it stood.
 */
export function leaks(
  places: readonly Place[],
  sources: readonly Telling[],
  before: readonly Place[] = [],
): string[] {
  const known = new Set(tellings(before, sources).map(({ form }) => form.says));
  return tellings(places, sources)
    .filter(({ form }) => !known.has(form.says))
    .map(({ place, form }) => `${place} tells ${form.says}`);
}

/** Those of these sources that are told of anywhere. */
export const toldAnywhere = (places: readonly Place[], sources: readonly Telling[]): Set<Telling> =>
  new Set(tellings(places, sources).map(({ form }) => form.of));

function tellings(places: readonly Place[], sources: readonly Telling[]) {
  const search = searchFor(sources);
  return places.flatMap(({ name, bytes }) => [...search(bytes)].map((form) => ({ place: name, form })));
}

/** All that can be read of a night: its data folder, what its processes have logged, and what its console answers. */
export const placesOf = async (observatory: Observatory): Promise<Place[]> => [
  ...placesIn(observatory.data),
  { name: 'log', bytes: Buffer.from(observatory.log()) },
  ...(await answersOf(observatory)),
];

/** Every file below a folder, and its name; databases by their rows as well, archives unpacked, sealed objects as they are. */
export function placesIn(data: string): Place[] {
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((entry) => {
    const file = join(entry.parentPath, entry.name);
    const name = relative(data, file);
    const rows = /\.sqlite3?$/.test(name) ? [{ name: `${name} rows`, bytes: rowsOf(file) }] : [];
    const bytes = bytesOf(file);
    const whole = bytes ? [{ name, bytes: readable(bytes) }] : [];
    return [{ name: `name of ${name}`, bytes: Buffer.from(name) }, ...whole, ...rows];
  });
}

/** What the sealed objects of a night hold, opened with its key. */
export function sealedPlaces(data: string): Place[] {
  const seal = aesSeal(readFileSync(join(data, 'seal.key'), 'utf8'), 'seal.key');
  return sealedFiles(data).flatMap((file) => {
    const bytes = bytesOf(file);
    return bytes ? [{ name: relative(data, file), bytes: seal.open(bytes) }] : [];
  });
}

export const sealedFiles = (data: string): string[] =>
  readdirSync(join(data, 'objects/products'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes('/sealed/'))
    .map((entry) => join(entry.parentPath, entry.name));

/** Undefined where it has gone since it was listed, as a temporary file does while somebody writes. */
function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Of a FITS file the headers alone: its pixels show the sky as it was, and are under embargo. */
function readable(bytes: Buffer): Uint8Array {
  if (bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) return gunzipSync(bytes);
  return bytes.subarray(0, 9).equals(Buffer.from('SIMPLE  =')) ? headersOf(bytes) : bytes;
}

function headersOf(fits: Uint8Array): Uint8Array {
  const headers: Uint8Array[] = [];
  for (let at = 0; at < fits.length; ) {
    const { header, end } = parseHeader(fits, at);
    headers.push(fits.subarray(at, end));
    at = end + Math.ceil(dataLength(header) / 2880) * 2880;
  }
  return Buffer.concat(headers);
}

/** Every value of every table: a number across two pages of the file, or one in a compressed value, shows here alone. */
function rowsOf(file: string): Uint8Array {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return Buffer.concat(
      tables.flatMap(({ name }) => {
        const select = database.prepare(`SELECT * FROM "${name}"`);
        select.setReadBigInts(true);
        return select.all().flatMap((row) => Object.values(row).flatMap(valueBytes));
      }),
    );
  } finally {
    database.close();
  }
}

function valueBytes(value: unknown): Uint8Array[] {
  if (value instanceof Uint8Array) {
    const packed = value[0] === 0x1f && value[1] === 0x8b;
    return [packed ? gunzipSync(value) : value];
  }
  if (typeof value === 'number') return [Buffer.from(new Float64Array([value]).buffer)];
  // Apart from the next one, so that two numbers do not make a third.
  return value === null ? [] : [Buffer.from(`${value}\n`)];
}

/** The console's page and data, by what its own answers name, and the metrics of the services. */
async function answersOf({ gateway }: Observatory): Promise<Place[]> {
  const ask = async (path: string): Promise<Place> => {
    const { text } = await request('the gateway', `${gateway}${path}`, { timeoutMs: 10_000 });
    return { name: path, bytes: Buffer.from(text) };
  };
  const [state, alerts] = [await ask('/console/state'), await ask('/console/alerts')];
  const groups = namesIn(state, 'group').map((group) => `/console/visits/${encodeURIComponent(group)}`);
  const ids = namesIn(alerts, 'id').map((id) => `/console/alerts/${id}`);
  const more = ['/', '/console/gate', '/function/sattle-check/metrics', ...groups, ...ids];
  return [state, alerts, ...(await Promise.all(more.map(ask)))];
}

function namesIn({ bytes }: Place, key: string): string[] {
  const text = Buffer.from(bytes).toString();
  return [...new Set([...text.matchAll(new RegExp(`"${key}":"([^"]+)"`, 'g'))].map(([, value]) => value!))];
}
