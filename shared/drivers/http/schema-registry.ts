import { z } from 'zod';
import type { SchemaRegistry } from '../../ports/schema-registry.ts';
import { request, unusable } from './request.ts';

const timeoutMs = 5000;
const envelope = z.object({ schema: z.string() });

/** A registry with the Confluent API. A schema never changes, so an answer is kept for ever; an absence is not. */
export function httpSchemaRegistry({ url }: { url: string }): SchemaRegistry {
  const known = new Map<number, string>();
  return {
    async schemaById(id) {
      const kept = known.get(id);
      if (kept !== undefined) return kept;
      const answer = await request('schema registry', `${url.replace(/\/$/, '')}/schemas/ids/${id}`, {
        timeoutMs,
      });
      if (answer.status === 404) return undefined;
      const read = answer.status === 200 ? envelope.safeParse(JSON.parse(answer.text)) : undefined;
      if (!read?.success) throw unusable('schema registry', answer, `when it is asked for schema ${id}`);
      known.set(id, read.data.schema);
      return read.data.schema;
    },
    async close() {},
  };
}
