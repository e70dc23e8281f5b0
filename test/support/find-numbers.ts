import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The forms in which a number may stand in a file: text, 8 bytes of either order (SQLite, Avro, V8, FITS), varint. */
function formsOf(value: number | bigint): Buffer[] {
  const [text, bytes] = [Buffer.from(String(value)), Buffer.alloc(8)];
  if (typeof value === 'number') bytes.writeDoubleBE(value);
  else bytes.writeBigInt64BE(value);
  const forms = [text, bytes, Buffer.from(bytes).reverse()];
  return typeof value === 'bigint' ? [...forms, zigzag(value)] : forms;
}

/** Avro's long. */
export function zigzag(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value << 1n; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    bytes.push(rest > 0x7fn ? low | 0x80 : low);
    if (rest <= 0x7fn) return Buffer.from(bytes);
  }
}

/** Files below a folder that hold one of these numbers, in whatever form. */
export function filesHolding(folder: string, values: readonly (number | bigint)[]): string[] {
  const wanted = values.flatMap(formsOf);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return wanted.some((form) => bytes.includes(form));
    });
}
