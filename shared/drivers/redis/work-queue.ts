import type { QueueUnit } from 'openfaas-sdk-ts';
import type { WorkQueue } from '../../ports/work-queue.ts';
import { effect } from '../effects.ts';
import { connectRedis, type RedisAddress } from './connection.ts';
import { deadLettersKey, readDeadLetters, setAside } from './dead-letters.ts';
import * as scripts from './work-queue-scripts.ts';

/**
 * Work-queue on Redis lists, under the original's names (embargo-butler): `QUEUE:{bucket}` is pushed at its left
 * end and taken at its right; `WORKER:{bucket}:{worker}` holds what a worker has in hand; receipts are `ENQ:{path}`,
 * statistics `FILE:`, `REC:`, `RECINSTR:` and `MAXSEQ:`. Ours beside them: `LEASE:WORKER:{bucket}:{worker}`,
 * `WORKERS:{bucket}` (set), `ATTEMPTS:{list}` (hash), `DELAYED:{list}` (sorted set by due time), `DEAD:{list}` (list).
 * Every method is one script, so that a kill leaves all of it or nothing.
 */
export function redisWorkQueue(address: RedisAddress): WorkQueue {
  const redis = connectRedis(address);
  const inHand = copiesInHand();
  return {
    async push(name, items) {
      if (items.length === 0) return [];
      const outcomes = await redis.run((client) => scripts.push(client, [name], [JSON.stringify(items)]));
      effect('work-queue.push');
      return (outcomes as number[]).map((queued) => (queued ? 'queued' : 'duplicate'));
    },

    async take(name, { worker, limit, leaseSeconds, waitSeconds, signal }) {
      const keys = keysOf(name, worker);
      const deadline = performance.now() + waitSeconds * 1000;
      for (;;) {
        const known = JSON.stringify(inHand.of(keys.worker));
        const values = [worker, limit, inMs(leaseSeconds), known];
        const answer = await redis.run((client) => scripts.take(client, takeKeys(keys), values));
        const [units, nextDueMs] = parseTaken(answer as [string[], number[], number]);
        inHand.add(keys.worker, units);
        if (units.length > 0) effect('work-queue.take');
        const left = deadline - performance.now();
        if (units.length > 0 || left <= 0 || signal?.aborted) return units;
        const milliseconds = Math.max(1, Math.ceil(Math.min(left, nextDueMs)));
        // Moves the list's next item onto itself as soon as there is one: a wait that takes nothing.
        await redis.block((client) => client.blmove(name, name, 'RIGHT', 'RIGHT', milliseconds / 1000), {
          milliseconds,
          signal,
        });
      }
    },

    async extend(name, { worker, leaseSeconds }) {
      const keys = keysOf(name, worker);
      const held = await redis.run((client) =>
        scripts.extend(client, [keys.worker, keys.lease], [inMs(leaseSeconds)]),
      );
      if (held === 1) effect('work-queue.extend');
      return held === 1;
    },

    async finish(name, { worker, item, ending }) {
      const keys = keysOf(name, worker);
      const names = [keys.list, keys.worker, keys.attempts, keys.delayed, keys.dead];
      const held = await redis.run((client) => scripts.finish(client, names, [item, JSON.stringify(ending)]));
      inHand.remove(keys.worker, item);
      if (held === 1) effect('work-queue.finish');
      return held === 1;
    },

    async depth(name) {
      const { list, workers, delayed, dead } = keysOf(name, '');
      const counts = await redis.run((client) =>
        scripts.depth(client, [list, workers, delayed, dead], [workerPrefix(name)]),
      );
      const [waiting, taken, died] = counts as number[];
      return { waiting, inHand: taken, dead: died };
    },

    async reclaim(name) {
      const { list, workers, delayed } = keysOf(name, '');
      const moved = (await redis.run((client) =>
        scripts.reclaim(client, [list, workers, delayed], [workerPrefix(name)]),
      )) as number;
      if (moved > 0) effect('work-queue.reclaim');
      return moved;
    },

    async setAside(name, item, cause) {
      await redis.run((client) => setAside(client, [deadLettersKey(name)], [item, cause]));
      effect('work-queue.setAside');
    },

    deadLetters: (name) => readDeadLetters(redis, name),

    close: () => redis.close(),
  };
}

const inMs = (seconds: number) => Math.ceil(seconds * 1000);

/** `WORKER:{bucket}:` of the list `QUEUE:{bucket}`; a bucket may be `tenant:name`. */
const workerPrefix = (list: string) => `WORKER:${list.replace(/^QUEUE:/, '')}:`;

function keysOf(list: string, worker: string) {
  const workerList = `${workerPrefix(list)}${worker}`;
  return {
    list,
    worker: workerList,
    lease: `LEASE:${workerList}`,
    workers: `WORKERS:${list.replace(/^QUEUE:/, '')}`,
    attempts: `ATTEMPTS:${list}`,
    delayed: `DELAYED:${list}`,
    dead: deadLettersKey(list),
  };
}

const takeKeys = (keys: ReturnType<typeof keysOf>) => [
  keys.list,
  keys.worker,
  keys.lease,
  keys.workers,
  keys.attempts,
  keys.delayed,
];

function parseTaken([items, attempts, nextDueMs]: [string[], number[], number]): [QueueUnit[], number] {
  const units = items.map((item, n) => ({ item, attempt: attempts[n] }));
  return [units, nextDueMs < 0 ? Number.POSITIVE_INFINITY : nextDueMs];
}

/**
 * How many copies of which items this process has in hand, by worker list. What a worker list holds beyond that
 * belongs to nobody: a process of the same name died, or the answer to a take was lost; `take` gives it back first.
 */
function copiesInHand() {
  const copies = new Map<string, Map<string, number>>();
  const listOf = (list: string) => copies.get(list) ?? new Map<string, number>();
  return {
    of: (list: string): Record<string, number> => Object.fromEntries(listOf(list)),
    add(list: string, units: readonly QueueUnit[]) {
      const counts = listOf(list);
      for (const { item } of units) counts.set(item, (counts.get(item) ?? 0) + 1);
      copies.set(list, counts);
    },
    remove(list: string, item: string) {
      const counts = listOf(list);
      const left = (counts.get(item) ?? 0) - 1;
      if (left > 0) counts.set(item, left);
      else counts.delete(item);
    },
  };
}
