import { z } from 'zod';
import { parseJson } from '../../domain/json/parse.ts';
import type { Presence } from '../../ports/presence.ts';
import { request, unusable } from './request.ts';

/** The original's client waits 1 s; ours allows that beyond the time that it asks the service to wait. */
const answerMs = 1000;

const answer = z.object({
  error: z.boolean(),
  present: z.boolean().optional(),
  uri: z.string().optional(),
  message: z.string().optional(),
});

/** The presence service by HTTP; `url` ends in `/presence` (RAW_MICROSERVICE). */
export function httpPresence({ url }: { url: string }): Presence {
  return {
    async find({ instrument, group, snap, detector }, { waitSeconds, signal }) {
      const path = [instrument, group, String(snap), detector].map(encodeURIComponent).join('/');
      const question = `${url.replace(/\/$/, '')}/${path}${waitSeconds > 0 ? `?wait=${waitSeconds}` : ''}`;
      const reply = await request('presence', question, { timeoutMs: waitSeconds * 1000 + answerMs, signal });
      const read = answer.safeParse(parseJson(reply.text));
      if (reply.status !== 200 || !read.success || read.data.error) {
        throw unusable('presence', reply, read.data?.message ?? 'which is not its form');
      }
      return read.data.present ? read.data.uri : undefined;
    },
    async close() {},
  };
}
