import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Context, defineFunction } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { alertKey, schemaKey } from '#shared/domain/alert/archive-key.ts';
import { type Alert, decodeAlert } from '#shared/domain/alert/packet.ts';
import { jsonText } from '#shared/domain/json/text.ts';
import { objectStore } from '#shared/wiring/object-store.ts';
import { parseAlertId, parseSchemaId, type Stamp, stampFields } from './core.ts';

const decompress = promisify(gunzip);
const ports = { archive: objectStore('archive') };
type ArchiveContext = Context<Record<string, never>, typeof ports>;

// An alert never changes once it is archived, so whoever has it may keep it.
const immutable = { 'cache-control': 'public, max-age=31536000, immutable' };
const binary = { ...immutable, 'content-type': 'application/octet-stream' };

export default defineFunction({
  name: 'archive-read',
  summary: 'Answers archived alerts, their fields and stamps, and schemas, by id.',
  config: z.object({}),
  ports,
  // The first three routes, with their texts, are those of Rubin's alert_database_server; the other two are ours.
  http(app, context) {
    app.get('/v1/health', (reply) => reply.body('OK'));
    app.get('/v1/schemas/:id', async (reply) => {
      const id = parseSchemaId(reply.req.param('id'));
      const schema = id === undefined ? undefined : await context.ports.archive.get(schemaKey(id));
      if (!schema) return reply.json({ detail: 'schema not found' }, 404);
      return reply.body(Buffer.from(schema), 200, {
        ...immutable,
        'content-type': 'application/vnd.schemaregistry.v1+json',
      });
    });
    app.get('/v1/alerts/:id', async (reply) => {
      const stored = await storedAlert(reply.req.param('id'), context);
      return stored
        ? reply.body(Buffer.from(stored), 200, binary)
        : reply.json({ detail: 'alert not found' }, 404);
    });
    app.get('/v1/alerts/:id/fields', async (reply) => {
      const alert = await openAlert(reply.req.param('id'), context);
      if (!alert) return reply.json({ detail: 'alert not found' }, 404);
      return reply.body(jsonText(alert), 200, { ...immutable, 'content-type': 'application/json' });
    });
    app.get('/v1/alerts/:id/stamps/:stamp', async (reply) => {
      const field = stampFields[reply.req.param('stamp') as Stamp];
      if (!field)
        return reply.json({ detail: `stamp is one of ${Object.keys(stampFields).join(', ')}` }, 404);
      const alert = await openAlert(reply.req.param('id'), context);
      const stamp = alert?.[field];
      if (!stamp)
        return reply.json({ detail: alert ? 'the alert has no such stamp' : 'alert not found' }, 404);
      return reply.body(Buffer.from(stamp), 200, { ...immutable, 'content-type': 'image/fits' });
    });
  },
});

async function storedAlert(text: string, { ports, signal }: ArchiveContext): Promise<Uint8Array | undefined> {
  const id = parseAlertId(text);
  if (id === undefined) return undefined;
  const key = alertKey(id);
  // Like the original, which has also stored alerts uncompressed.
  return (
    (await ports.archive.get(key, { signal })) ?? ports.archive.get(key.replace(/\.gz$/, ''), { signal })
  );
}

async function openAlert(text: string, context: ArchiveContext): Promise<Alert | undefined> {
  const stored = await storedAlert(text, context);
  if (!stored) return undefined;
  const compressed = stored[0] === 0x1f && stored[1] === 0x8b;
  return decodeAlert(compressed ? await decompress(stored) : stored);
}
