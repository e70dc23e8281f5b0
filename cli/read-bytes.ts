import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A file's bytes. What is wrong is said in one sentence that names the file. */
export function readBytes(path: string): Uint8Array {
  return readInto(path, (size) => new Uint8Array(size));
}

/**
 * A reader of files that are done with one before the next is read: it gives views of one buffer again and again, so that
 * thirty tiles of 10 MB are not thirty pieces of memory that wait to be collected.
 */
export function reusingReader(): (path: string) => Uint8Array {
  let buffer = new Uint8Array(0);
  return (path) =>
    readInto(path, (size) => {
      if (size > buffer.length) buffer = new Uint8Array(size);
      return buffer.subarray(0, size);
    });
}

function readInto(path: string, bufferOf: (size: number) => Uint8Array): Uint8Array {
  let file: number | undefined;
  try {
    file = openSync(path, 'r');
    const bytes = bufferOf(fstatSync(file).size);
    for (let at = 0; at < bytes.length; ) {
      const read = readSync(file, bytes, at, bytes.length - at, at);
      if (read === 0) throw new Error('it became shorter while it was read');
      at += read;
    }
    return bytes;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be read: ${reason}.`, { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
