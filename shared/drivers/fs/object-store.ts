import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from 'openfaas-sdk-ts';
import type { ObjectFacts, ObjectStore } from '../../ports/object-store.ts';
import { effect } from '../effects.ts';
import { type EmbeddedOptions, openBus } from '../sqlite/bus.ts';
import { type Database, write } from '../sqlite/database.ts';
import { fileFault, isMissing, systemCode } from './file-faults.ts';
import { keysBelow } from './object-keys.ts';
import { pathOfKey } from './object-path.ts';
import { eTagOf, findTag, forgetTag, keepTag } from './object-tags.ts';
import { beginPut, endPut, temporaryFolder } from './pending-puts.ts';

export interface FileObjectStoreOptions extends EmbeddedOptions {
  readonly bucket: string;
  /** Whether stored objects cause created events, which `deliverCreatedEvents` sends on. */
  readonly createdEvents: boolean;
}

/** Folder of all buckets of a data folder. */
export const objectsFolder = (data: string): string => join(data, 'objects');

/** Object-store on files below `objects/{bucket}`: an object is a file, written aside and linked or renamed into place. */
export async function fileObjectStore(options: FileObjectStoreOptions): Promise<ObjectStore> {
  const { bucket, createdEvents, fsync = false } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._:-]*$/.test(bucket)) {
    throw new Fault(
      'NS_CONFIGURATION',
      `"${bucket}" is no name for an embedded bucket: letters, digits, ".", "_", ":" and "-", the first a letter or digit.`,
    );
  }
  const objects = objectsFolder(options.data);
  const folder = join(objects, bucket);
  const temporaries = join(objects, temporaryFolder);
  mkdirSync(folder, { recursive: true });
  mkdirSync(temporaries, { recursive: true });
  const bus = await openBus(options);
  const pathOf = (key: string) => join(folder, pathOfKey(key));

  return {
    bucket,

    async put(key, bytes, { ifAbsent = false, signal } = {}) {
      const path = pathOf(key);
      signal?.throwIfAborted();
      const put = { temporary: randomUUID(), bucket, key, size: bytes.length, eTag: eTagOf(bytes) };
      const temporary = join(temporaries, put.temporary);
      let isPending = false;
      try {
        await writeFile(temporary, bytes, { flush: fsync });
        const file = await stat(temporary, { bigint: true });
        if (createdEvents) {
          await beginPut(bus, put);
          isPending = true;
          effect('object-store.put.pending');
        }
        let stored = false;
        try {
          stored = await moveIntoPlace({ temporary, path, ifAbsent });
          if (stored) effect('object-store.put');
          if (fsync) await flushFolder(dirname(path));
        } finally {
          // Also where the move failed, as on a full disk: this process goes on, and nobody else would end the row.
          await write(bus, () => {
            if (createdEvents) endPut(bus, put, stored);
            if (stored) keepTag(bus, put, file, put.eTag);
          });
          isPending = false;
        }
        if (createdEvents) effect('object-store.put.event');
        return { stored };
      } catch (error) {
        throw fileFault(error, `Storing ${bucket}/${key}`);
      } finally {
        // A row that could not be ended is settled later, by what the temporary file then says.
        if (!isPending) await rm(temporary, { force: true });
      }
    },

    async get(key, { signal } = {}) {
      try {
        return await readFile(pathOf(key), { signal });
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw fileFault(error, `Reading ${bucket}/${key}`);
      }
    },

    async head(key) {
      return factsOf(bus, { bucket, key }, pathOf(key));
    },

    async *list(prefix, { after, signal } = {}) {
      for await (const { key, path } of keysBelow(folder, { prefix, after })) {
        signal?.throwIfAborted();
        const facts = await factsOf(bus, { bucket, key }, path);
        if (facts) yield facts;
      }
    },

    async delete(key) {
      try {
        await rm(pathOf(key), { force: true });
      } catch (error) {
        if (!isMissing(error)) throw fileFault(error, `Deleting ${bucket}/${key}`);
      }
      effect('object-store.delete');
      await forgetTag(bus, { bucket, key });
    },

    async close() {
      bus.close();
    },
  };
}

/** Answers whether the object is in place; false where one was there and should stay. */
async function moveIntoPlace(files: {
  temporary: string;
  path: string;
  ifAbsent: boolean;
}): Promise<boolean> {
  const { temporary, path, ifAbsent } = files;
  try {
    await (ifAbsent ? link(temporary, path) : rename(temporary, path));
    return true;
  } catch (error) {
    if (ifAbsent && systemCode(error) === 'EEXIST') return false;
    if (systemCode(error) !== 'ENOENT') throw error;
    const made = await mkdir(dirname(path), { recursive: true });
    // Nothing was missing but the temporary file: another process took this put for dead.
    if (made === undefined) await stat(temporary);
    return moveIntoPlace(files);
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  await handle.sync();
  await handle.close();
}

async function factsOf(
  bus: Database,
  object: { bucket: string; key: string },
  path: string,
): Promise<ObjectFacts | undefined> {
  try {
    const file = await stat(path, { bigint: true });
    if (!file.isFile()) return undefined;
    const eTag = await findTag(bus, object, file, path);
    return { key: object.key, size: Number(file.size), eTag, modifiedMs: Number(file.mtimeMs) };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileFault(error, `Reading ${object.bucket}/${object.key}`);
  }
}
