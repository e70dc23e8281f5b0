import type { StreamUnit } from 'openfaas-sdk-ts';
import { parseSlot } from '../../domain/ids/slot.ts';
import type { StreamEntry, WorkStream } from '../../ports/work-stream.ts';
import { effect } from '../effects.ts';
import { connectRedis, type RedisAddress } from './connection.ts';
import { deadLettersKey, readDeadLetters } from './dead-letters.ts';
import * as scripts from './work-stream-scripts.ts';

/** The original's limit of one visit; who holds an entry without a lease for longer, or nothing for so long, is gone. */
const ABANDONED_MS = 900_000;

/**
 * Work-stream on a Redis stream, with the original's names and fields (next_visit_fan_out). An entry in hand is
 * in its group's pending list; its lease is its member of `LEASES:{stream}:{group}` (sorted set by expiry). Beside
 * them: `SLOT:{instrument}:{group}:{detector}`, `ATTEMPTS:{stream}` (hash by slot), `DELAYED:{stream}` (sorted set by
 * due time), `DEAD:{stream}` (list). Every method is one script, so that a kill leaves all of it or nothing.
 */
export function redisWorkStream(address: RedisAddress): WorkStream {
  const redis = connectRedis(address);
  return {
    async appendAll(stream, entries, { group, dedupeSeconds }) {
      if (entries.length === 0) return { appended: 0, duplicates: 0 };
      const names = [stream, ...entries.map(receiptKey)];
      const fields = entries.map((entry) => JSON.stringify(Object.entries(entry.fields).flat()));
      const values = [group, Math.ceil(dedupeSeconds), ...fields];
      const appended = (await redis.run((client) => scripts.appendAll(client, names, values))) as number;
      effect('work-stream.appendAll');
      return { appended, duplicates: entries.length - appended };
    },

    async take(stream, { group, consumer, limit, leaseSeconds, waitSeconds, signal }) {
      const { leases, attempts, delayed } = keysOf(stream, group);
      const names = [stream, leases, attempts, delayed];
      const values = [group, consumer, limit, inMs(leaseSeconds)];
      const deadline = performance.now() + waitSeconds * 1000;
      for (;;) {
        const answer = await redis.run((client) => scripts.take(client, names, values));
        const [rows, nextDueMs, lastDelivered] = answer as [TakenRow[], number, string];
        const units = rows.map(([id, item, attempt, fields]) => ({ ...entryOf(id, item, fields), attempt }));
        if (units.length > 0) effect('work-stream.take');
        const left = deadline - performance.now();
        if (units.length > 0 || left <= 0 || signal?.aborted) return units;
        const milliseconds = Math.max(1, Math.ceil(nextDueMs < 0 ? left : Math.min(left, nextDueMs)));
        await redis.block(
          (client) => client.xread('COUNT', 1, 'BLOCK', milliseconds, 'STREAMS', stream, lastDelivered),
          { milliseconds, signal },
        );
      }
    },

    async extend(stream, { group, consumer, id, leaseSeconds }) {
      const { leases } = keysOf(stream, group);
      const values = [group, consumer, id, inMs(leaseSeconds)];
      const held = await redis.run((client) => scripts.extend(client, [stream, leases], values));
      if (held === 1) effect('work-stream.extend');
      return held === 1;
    },

    async finish(stream, { group, consumer, id, ending }) {
      const { leases, attempts, delayed, dead } = keysOf(stream, group);
      const names = [stream, leases, attempts, delayed, dead];
      const values = [group, consumer, id, JSON.stringify(ending)];
      const held = await redis.run((client) => scripts.finish(client, names, values));
      if (held === 1) effect('work-stream.finish');
      return held === 1;
    },

    async depth(stream, group) {
      const { delayed, dead } = keysOf(stream, group);
      const counts = await redis.run((client) => scripts.depth(client, [stream, delayed, dead], [group]));
      const [waiting, inHand, died] = counts as number[];
      return { waiting, inHand, dead: died };
    },

    async reclaim(stream, { group }) {
      const { leases, delayed } = keysOf(stream, group);
      const moved = (await redis.run((client) =>
        scripts.reclaim(client, [stream, leases, delayed], [group, ABANDONED_MS]),
      )) as number;
      if (moved > 0) effect('work-stream.reclaim');
      return moved;
    },

    async unfinished(stream, group) {
      const { delayed } = keysOf(stream, group);
      const rows = await redis.run((client) => scripts.unfinished(client, [stream, delayed], [group]));
      const entries = (rows as EntryRow[]).map(([id, item, fields]) => entryOf(id, item, fields));
      return entries.sort((a, b) => compareIds(a.id, b.id));
    },

    deadLetters: (stream) => readDeadLetters(redis, stream),
    close: () => redis.close(),
  };
}

type EntryRow = [id: string, item: string, fields: string[]];
type TakenRow = [id: string, item: string, attempt: number, fields: string[]];

const inMs = (seconds: number) => Math.ceil(seconds * 1000);

function keysOf(stream: string, group: string) {
  return {
    leases: `LEASES:${stream}:${group}`,
    attempts: `ATTEMPTS:${stream}`,
    delayed: `DELAYED:${stream}`,
    dead: deadLettersKey(stream),
  };
}

function receiptKey({ item }: StreamEntry): string {
  const { instrument, group, detector } = parseSlot(item);
  return `SLOT:${instrument}:${group}:${detector}`;
}

/** Fields come as name, value, name, value, in their order. */
function entryOf(id: string, item: string, flat: readonly string[]): Omit<StreamUnit, 'attempt'> {
  const fields: Record<string, string> = {};
  for (let n = 0; n < flat.length; n += 2) fields[flat[n]] = flat[n + 1];
  return { id, item, fields };
}

/** Stream ids are `{Unix ms}-{sequence}`, both whole numbers. */
function compareIds(a: string, b: string): number {
  const [aMs, aSequence] = a.split('-').map(Number);
  const [bMs, bSequence] = b.split('-').map(Number);
  return aMs - bMs || aSequence - bSequence;
}
