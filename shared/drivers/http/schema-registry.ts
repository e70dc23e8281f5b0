import { z } from 'zod';
import { parseJson } from '../../domain/json/parse.ts';
import type { SchemaRegistry } from '../../ports/schema-registry.ts';
import { request, unusable } from './request.ts';

const dependency = 'schema-registry';
const timeoutMs = 5000;
const found = z.object({ schema: z.string() });
/** Confluent's code for "no schema of this id"; any other 404 comes from somebody who is no registry. */
const missing = z.object({ error_code: z.literal(40403) });

/** A registry with the Confluent API. A schema never changes, so an answer is kept for ever; an absence is not. */
export function httpSchemaRegistry({ url }: { url: string }): SchemaRegistry {
  const known = new Map<number, string>();
  const base = url.replace(/\/$/, '');
  return {
    async schemaById(id) {
      const kept = known.get(id);
      if (kept !== undefined) return kept;
      const answer = await request(dependency, `${base}/schemas/ids/${id}`, { timeoutMs });
      const said = parseJson(answer.text);
      if (answer.status === 404 && missing.safeParse(said).success) return undefined;
      const read = found.safeParse(said);
      if (answer.status !== 200 || !read.success) {
        throw unusable(dependency, answer, `when it is asked for schema ${id}`);
      }
      known.set(id, read.data.schema);
      return read.data.schema;
    },
    async close() {},
  };
}
