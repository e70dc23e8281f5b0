import { Fault, type QueueUnit, reading } from 'openfaas-sdk-ts';
import type { Logger } from 'pino';
import type { Sidecar } from '#shared/domain/butler/sidecar.ts';
import { parseHeader } from '#shared/domain/fits/card-reader.ts';
import { type CameraPath, parseObjectPath, sidecarKey } from '#shared/domain/ids/object-key.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { describeFile, type RawFile } from './core.ts';

interface Room {
  readonly ports: { readonly raw: ObjectStore };
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/**
 * Reads what one file of a list says of itself: its sidecar, or its own header where there is none that can be read.
 * @throws Fault: of the bucket, NS_OBJECT_MISSING, NS_RECORD_UNREADABLE or NS_ITEM_REFUSED.
 */
export async function readFile(unit: QueueUnit, room: Room): Promise<RawFile> {
  const path = cameraPath(unit.item);
  if (path.expDay !== path.obsDay)
    room.log.warn({ item: unit.item }, 'the day of the folder is not that of the exposure');
  const key = path.path.slice(path.bucket.length + 1);
  const { raw } = room.ports;
  const [facts, sidecar] = await Promise.all([
    raw.head(key, { signal: room.signal }),
    readSidecar(key, room),
  ]);
  if (!facts) throw missing(unit.item);
  const header = sidecar ?? (await readHeader(unit.item, key, room));
  return reading(`The header of ${unit.item}`, () => describeFile(unit, header, facts.size));
}

function cameraPath(item: string): CameraPath {
  const path = reading(`The path "${item}"`, () => parseObjectPath(item));
  if (path.kind === 'camera') return path;
  throw new Fault(
    'NS_ITEM_REFUSED',
    `${item} is of the Large File Annex, of which Nightshift knows no instrument (${path.instrument}).`,
  );
}

/** Undefined where there is no sidecar, or one that is no JSON object: the file itself knows, too. */
async function readSidecar(key: string, { ports, log, signal }: Room): Promise<Sidecar | undefined> {
  const bytes = await ports.raw.get(sidecarKey(key), { signal });
  if (!bytes) return undefined;
  try {
    const sidecar: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof sidecar === 'object' && sidecar !== null && !Array.isArray(sidecar)) return { ...sidecar };
    log.warn({ key }, 'the sidecar is no JSON object; the header of the file is read instead');
  } catch (error) {
    log.warn({ key, err: error }, 'the sidecar cannot be read; the header of the file is read instead');
  }
  return undefined;
}

async function readHeader(item: string, key: string, { ports, signal }: Room): Promise<Sidecar> {
  const bytes = await ports.raw.get(key, { signal });
  if (!bytes) throw missing(item);
  const { header } = reading(`The header of ${item}`, () => parseHeader(bytes));
  return Object.fromEntries(header.map(({ keyword, value }) => [keyword, value]));
}

const missing = (item: string): Fault =>
  new Fault('NS_OBJECT_MISSING', `${item} was announced, but is not in the bucket.`);
