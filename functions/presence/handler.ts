import type { Context as Reply } from 'hono';
import { type Context, defineFunction } from 'openfaas-sdk-ts';
import { z } from 'zod';
import { arrivals } from '#shared/wiring/arrivals.ts';
import { readInstrumentConfig } from '#shared/wiring/instrument-config.ts';
import { parseQuestion, parseWait } from './core.ts';

const config = z.object({
  INSTRUMENT_CONFIG_FILE: z
    .string()
    .optional()
    .describe(
      'YAML of instruments and their active detectors; its instruments are accepted beside the original’s five.',
    ),
});
const ports = { arrivals };

export default defineFunction({
  name: 'presence',
  summary: 'Answers whether the raw of an instrument, group, snap and detector is in the bucket, and where.',
  config,
  ports,
  // A wait of 20 s, and time to answer.
  httpLimitSeconds: 22,
  http(app, context) {
    const file = context.config.INSTRUMENT_CONFIG_FILE;
    const declared = file === undefined ? [] : [...readInstrumentConfig(file).keys()];
    app.get('/presence/:instrument/:group/:snap/:detector', (reply) =>
      answer(reply, reply.req.param(), declared, context),
    );
    // A group may hold a '#', which clients that do not encode cut off with all that follows; a query survives that.
    app.get('/presence', (reply) => {
      const { instrument = '', group = '', snap = '0', detector = '' } = reply.req.query();
      return answer(reply, { instrument, group, snap, detector }, declared, context);
    });
  },
});

async function answer(
  reply: Reply,
  asked: Record<'instrument' | 'group' | 'snap' | 'detector', string>,
  declared: readonly string[],
  { ports: { arrivals }, log }: Context<z.infer<typeof config>, typeof ports>,
): Promise<Response> {
  const question = parseQuestion(asked, declared);
  if (question.kind === 'no route') return reply.notFound();
  if (question.kind === 'refused') return reply.json({ error: true, message: question.message }, 400);
  const waitSeconds = parseWait(reply.req.query('wait'));
  try {
    const uri = await arrivals.wait(question.key, { waitSeconds, signal: reply.req.raw.signal });
    return reply.json(uri ? { error: false, present: true, uri } : { error: false, present: false });
  } catch (error) {
    // The original's shape: its clients read `error` and `message`.
    log.error({ err: error }, 'presence cannot be told');
    return reply.json({ error: true, message: error instanceof Error ? error.message : String(error) }, 500);
  }
}
