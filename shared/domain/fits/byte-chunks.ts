/** Bytes that are written one after the other, as many as come. */
import { BLOCK } from './card-reader.ts';

/** A whole number of blocks and of the checksum's words, about 1 MB. */
const CHUNK = 360 * BLOCK;

/** Bytes in chunks: a growing array would be copied whenever it grows, and be there twice while it is. */
export interface ByteChunks {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** The chunks, the last filled with zeros to a whole block where `before + length` bytes end. */
  finish(before: number): Uint8Array[];
}

export function createByteChunks(): ByteChunks {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    get length() {
      return length;
    },
    append(bytes) {
      for (let from = 0; from < bytes.length; ) {
        const at = length % CHUNK;
        if (at === 0) chunks.push(new Uint8Array(CHUNK));
        const some = bytes.subarray(from, from + CHUNK - at);
        chunks[chunks.length - 1].set(some, at);
        from += some.length;
        length += some.length;
      }
    },
    finish(before) {
      const padding = (BLOCK - ((before + length) % BLOCK)) % BLOCK;
      this.append(new Uint8Array(padding));
      const used = length % CHUNK;
      return chunks.map((chunk, k) =>
        k === chunks.length - 1 && used > 0 ? chunk.subarray(0, used) : chunk,
      );
    },
  };
}
