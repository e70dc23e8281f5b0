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
  /** Keeps a new text, then the record that names it, and then forgets the one before; who dies in between leaves that. */
  keepText(source: Named, record: SourceRecord, bytes: Uint8Array, facts: TextFacts): Promise<void>;
  /**
   * The text that a record names; undefined where there is none. One that is gone, or does not open since its key was
   * changed, is told of and forgotten, so that the source is fetched anew.
   */
  text(source: Named, record: SourceRecord): Promise<Uint8Array | undefined>;
}

type TextFacts = Pick<KeptText, 'fetchedMs' | 'validator'>;

const recordKey = (name: string): string => `satellites/sources/${name}.json`;
/** A text never changes, so that a record never names another than it was written for. */
const textKey = (name: string, text: Pick<KeptText, 'version' | 'private'>): string =>
  `satellites/sources/${name}/${text.version}.${text.private ? 'sealed' : 'gz'}`;

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

/** @param onLost called with a sentence for a text that is kept no more */
export function keptSources(
  { products, seal }: { products: ObjectStore; seal: Seal },
  onLost: (sentence: string) => void,
): KeptSources {
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
      const text = { version: randomUUID(), private: source.private, ...facts };
      const packed = await promisify(gzip)(bytes);
      await products.put(textKey(source.name, text), source.private ? seal.seal(packed) : packed);
      await keepRecord(source, { ...record, text });
      if (record.text) await products.delete(textKey(source.name, record.text));
    },
    async text(source, record) {
      const { text } = record;
      if (!text) return undefined;
      const stored = await products.get(textKey(source.name, text));
      try {
        if (stored) return await promisify(gunzip)(text.private ? seal.open(stored) : stored);
        onLost(`What was kept of the source ${source.name} is gone; it is fetched anew.`);
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        onLost(`What was kept of the source ${source.name} cannot be read, and is fetched anew: ${why}`);
      }
      await keepRecord(source, { ...record, text: undefined });
      return undefined;
    },
  };
}

/** @throws Fault NS_RECORD_UNREADABLE: whoever deletes the object lets the source be fetched anew. */
const readRecord = (text: string, name: string): SourceRecord =>
  reading(recordKey(name), () => schema.parse(JSON.parse(text)));
