import { randomUUID } from 'node:crypto';
import type { Ending, QueueUnit } from 'openfaas-sdk-ts';
import type { PushOutcome, QueueItem, WorkQueue } from '../../ports/work-queue.ts';
import { effect } from '../effects.ts';
import { addDeadLetter, countAttempt, deadLettersOf, forgetAttempts, uncountAttempt } from './attempts.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { type Database, read, waitFor, write } from './database.ts';

/** Work-queue on bus.sqlite. */
export async function sqliteWorkQueue(options: EmbeddedOptions): Promise<WorkQueue> {
  const bus = await openBus(options);
  const holder = randomUUID();
  return {
    async push(list, items) {
      if (items.length === 0) return [];
      const outcomes = await write(bus, () => items.map((item) => pushOne(bus, list, item)));
      effect('work-queue.push');
      return outcomes;
    },

    async take(list, { worker, limit, leaseSeconds, waitSeconds, signal }) {
      await write(bus, () => giveBackOrphans(bus, list, worker, holder));
      const units = await waitFor(bus, { waitSeconds, signal }, async () => {
        // Looking first spares idle workers the write lock.
        if (!(await read(bus, () => hasWaiting(bus, list)))) return undefined;
        const taken = await write(bus, () => takeSome(bus, list, { worker, holder, limit, leaseSeconds }));
        return taken.length > 0 ? taken : undefined;
      });
      if (units) effect('work-queue.take');
      return units ?? [];
    },

    async extend(list, { worker, leaseSeconds }) {
      const kept = await write(bus, () => {
        const { changes } = bus
          .prepare('UPDATE queue_leases SET expires_ms = ? WHERE list = ? AND worker = ?')
          .run(Date.now() + leaseSeconds * 1000, list, worker);
        return changes === 1;
      });
      if (kept) effect('work-queue.extend');
      return kept;
    },

    async finish(list, { worker, item, ending }) {
      const held = await write(bus, () => finishOne(bus, list, worker, item, ending));
      if (held) effect('work-queue.finish');
      return held;
    },

    async reclaim(list) {
      const given = await write(bus, () => reclaimExpired(bus, list));
      if (given > 0) effect('work-queue.reclaim');
      return given;
    },

    async setAside(list, item, cause) {
      await write(bus, () => addDeadLetter(bus, list, { item, cause, attempts: 0, atMs: Date.now() }));
      effect('work-queue.setAside');
    },

    depth: (list) => read(bus, () => depthOf(bus, list)),
    deadLetters: (list) => read(bus, () => deadLettersOf(bus, list)),
    async close() {
      bus.close();
    },
  };
}

function pushOne(bus: Database, list: string, item: QueueItem): PushOutcome {
  if (item.eTag === undefined ? waits(bus, list, item.item) : isKnownReceipt(bus, item)) return 'duplicate';
  bus.prepare('INSERT INTO queue_items (list, item) VALUES (?, ?)').run(list, item.item);
  keepReceipt(bus, item);
  return 'queued';
}

function waits(bus: Database, list: string, item: string): boolean {
  const row = bus
    .prepare('SELECT 1 FROM queue_items WHERE list = ? AND item = ? AND worker IS NULL LIMIT 1')
    .get(list, item);
  return row !== undefined;
}

/**
 * Whether this receipt, or a later one of the same path, was queued before. Sequencers are hexadecimal numbers
 * without a fixed width; where one side has none (a bucket listing), the eTag alone decides.
 */
function isKnownReceipt(bus: Database, { item, eTag, sequencer }: QueueItem): boolean {
  const last = bus.prepare('SELECT e_tag, sequencer FROM receipts WHERE path = ?').get(item);
  if (!last) return false;
  if (sequencer === undefined || last.sequencer === null) return last.e_tag === eTag;
  return BigInt(`0x${sequencer}`) <= BigInt(`0x${last.sequencer}`);
}

function keepReceipt(bus: Database, { item, eTag, sequencer, receipt }: QueueItem): void {
  if (eTag === undefined && receipt === undefined) return;
  bus
    .prepare(
      `INSERT INTO receipts (path, e_tag, sequencer, bucket, instrument, obs_day, seq_num, received_ms)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
       ON CONFLICT (path) DO UPDATE SET e_tag = coalesce(?2, e_tag), sequencer = iif(?2 IS NULL, sequencer, ?3),
         bucket = coalesce(?4, bucket), instrument = coalesce(?5, instrument), obs_day = coalesce(?6, obs_day),
         seq_num = coalesce(?7, seq_num), received_ms = coalesce(?8, received_ms)`,
    )
    .run(
      item,
      eTag ?? null,
      sequencer ?? null,
      receipt?.bucket ?? null,
      receipt?.instrument ?? null,
      receipt?.obsDay ?? null,
      receipt?.seqNum ?? null,
      receipt?.receivedMs ?? null,
    );
}

const due = 'list = ? AND worker IS NULL AND due_ms <= ?';

function hasWaiting(bus: Database, list: string): boolean {
  return bus.prepare(`SELECT 1 FROM queue_items WHERE ${due} LIMIT 1`).get(list, Date.now()) !== undefined;
}

/** What an instance before this one took under the same worker's name belongs to nobody: that one is dead. */
function giveBackOrphans(bus: Database, list: string, worker: string, holder: string): void {
  bus
    .prepare('UPDATE queue_items SET worker = NULL WHERE list = ? AND worker = ? AND holder <> ?')
    .run(list, worker, holder);
}

function takeSome(
  bus: Database,
  list: string,
  options: { worker: string; holder: string; limit: number; leaseSeconds: number },
): QueueUnit[] {
  const { worker, holder, limit, leaseSeconds } = options;
  const now = Date.now();
  const rows = bus
    .prepare(`SELECT seq, item FROM queue_items WHERE ${due} ORDER BY seq LIMIT ?`)
    .all(list, now, limit);
  const units: QueueUnit[] = rows.map((row) => {
    bus.prepare('UPDATE queue_items SET worker = ?, holder = ? WHERE seq = ?').run(worker, holder, row.seq);
    const item = String(row.item);
    return { item, attempt: countAttempt(bus, list, item) };
  });
  if (units.length > 0) {
    bus
      .prepare(
        `INSERT INTO queue_leases (list, worker, expires_ms) VALUES (?, ?, ?)
         ON CONFLICT (list, worker) DO UPDATE SET expires_ms = excluded.expires_ms`,
      )
      .run(list, worker, now + leaseSeconds * 1000);
  }
  return units;
}

function finishOne(bus: Database, list: string, worker: string, item: string, ending: Ending): boolean {
  const held = bus
    .prepare('SELECT min(seq) AS seq FROM queue_items WHERE list = ? AND item = ? AND worker = ?')
    .get(list, item, worker);
  const seq = held?.seq ?? null;
  if (seq === null) return false;
  if (ending.kind === 'release') {
    const dueMs = Math.ceil(Date.now() + ending.afterSeconds * 1000);
    bus.prepare('UPDATE queue_items SET worker = NULL, due_ms = ? WHERE seq = ?').run(dueMs, seq);
    if (!ending.spend) uncountAttempt(bus, list, item);
  } else {
    bus.prepare('DELETE FROM queue_items WHERE seq = ?').run(seq);
    const attempts = forgetAttempts(bus, list, item);
    if (ending.kind === 'dead') {
      addDeadLetter(bus, list, { item, cause: ending.cause, attempts, atMs: Date.now() });
    }
  }
  return true;
}

function reclaimExpired(bus: Database, list: string): number {
  const expired = bus
    .prepare('DELETE FROM queue_leases WHERE list = ? AND expires_ms <= ? RETURNING worker')
    .all(list, Date.now());
  let given = 0;
  for (const { worker } of expired) {
    const { changes } = bus
      .prepare('UPDATE queue_items SET worker = NULL, due_ms = 0 WHERE list = ? AND worker = ?')
      .run(list, worker);
    given += Number(changes);
  }
  return given;
}

function depthOf(bus: Database, list: string) {
  const counts = bus
    .prepare('SELECT count(*) AS items, count(worker) AS inHand FROM queue_items WHERE list = ?')
    .get(list);
  const dead = bus.prepare('SELECT count(*) AS dead FROM dead_letters WHERE source = ?').get(list);
  const inHand = Number(counts?.inHand);
  return { waiting: Number(counts?.items) - inHand, inHand, dead: Number(dead?.dead) };
}
