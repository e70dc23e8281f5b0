import { readFileSync } from 'node:fs';

/** A file's bytes. What is wrong is said in one sentence that names the file. */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${path} cannot be read: ${reason}.`, { cause: error });
  }
}
