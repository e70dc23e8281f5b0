import { Fault, type QueueUnit, reading } from 'openfaas-sdk-ts';
import type { Logger } from 'pino';
import { type CameraPath, parseObjectPath } from '#shared/domain/ids/object-key.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { readRawHeader } from '#shared/ports/raw-header.ts';
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
  const { signal } = room;
  const { raw } = room.ports;
  const [facts, header] = await Promise.all([raw.head(key, { signal }), readRawHeader(raw, key, { signal })]);
  if (!facts || !header)
    throw new Fault('NS_OBJECT_MISSING', `${unit.item} was announced, but is not in the bucket.`);
  const { keywords, sidecarFault } = header;
  if (sidecarFault)
    room.log.warn({ key, why: sidecarFault }, 'the sidecar cannot be read; the file’s header is');
  return reading(`The header of ${unit.item}`, () => describeFile(unit, keywords, facts.size));
}

function cameraPath(item: string): CameraPath {
  const path = reading(`The path "${item}"`, () => parseObjectPath(item));
  if (path.kind === 'camera') return path;
  throw new Fault(
    'NS_ITEM_REFUSED',
    `${item} is of the Large File Annex, of which Nightshift knows no instrument (${path.instrument}).`,
  );
}
