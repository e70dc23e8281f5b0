import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { reading } from 'openfaas-sdk-ts';
import { z } from 'zod';
import type { DeclaredSource } from '#shared/ports/element-source.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import type { Seal } from '#shared/ports/seal.ts';
import { type KeptText, newRecord, type SourceRecord } from './core.ts';

type Named = Pick<DeclaredSource, 'name' | 'private'>;

/** What was last fetched from each source, in the bucket; the texts of private ones sealed. */
export interface KeptSources {
  record(source: Named): Promise<SourceRecord>;
  keepRecord(source: Named, record: SourceRecord): Promise<void>;
  /** Keeps a new text and, after it, the record that names it. */
  keepText(source: Named, record: SourceRecord, bytes: Uint8Array, facts: TextFacts): Promise<void>;
  /** Undefined where there is none. */
  text(source: Named): Promise<Uint8Array | undefined>;
}

type TextFacts = Pick<KeptText, 'fetchedMs' | 'validator'>;

const recordKey = (name: string): string => `satellites/sources/${name}.json`;
const textKey = ({ name, private: isPrivate }: Named): string =>
  `satellites/sources/${name}.${isPrivate ? 'sealed' : 'gz'}`;

const schema = z.object({
  requestsMs: z.array(z.number()),
  nextMs: z.number(),
  failures: z.int().nonnegative(),
  text: z
    .object({
      version: z.string(),
      private: z.boolean(),
      fetchedMs: z.number(),
      validator: z.string().optional(),
    })
    .optional(),
});

export function keptSources({ products, seal }: { products: ObjectStore; seal: Seal }): KeptSources {
  const keepRecord: KeptSources['keepRecord'] = async ({ name }, record) => {
    await products.put(recordKey(name), Buffer.from(JSON.stringify(record)));
  };
  return {
    keepRecord,
    async record({ name, private: isPrivate }) {
      const bytes = await products.get(recordKey(name));
      if (!bytes) return newRecord;
      const record = readRecord(Buffer.from(bytes).toString(), name);
      // Declared otherwise than it was kept: it is fetched anew, to where it now belongs.
      return record.text?.private === isPrivate ? record : { ...record, text: undefined };
    },
    async keepText(source, record, bytes, facts) {
      const packed = await promisify(gzip)(bytes);
      await products.put(textKey(source), source.private ? seal.seal(packed) : packed);
      const text = { version: randomUUID(), private: source.private, ...facts };
      await keepRecord(source, { ...record, text });
    },
    async text(source) {
      const stored = await products.get(textKey(source));
      return stored && promisify(gunzip)(source.private ? seal.open(stored) : stored);
    },
  };
}

/** @throws Fault NS_RECORD_UNREADABLE: whoever deletes the object lets the source be fetched anew. */
const readRecord = (text: string, name: string): SourceRecord =>
  reading(recordKey(name), () => schema.parse(JSON.parse(text)));
