import type { Ending, StreamUnit } from 'openfaas-sdk-ts';
import type { StreamEntry, WorkStream } from '../../ports/work-stream.ts';
import { effect } from '../effects.ts';
import { addDeadLetter, countAttempt, deadLettersOf, forgetAttempts, uncountAttempt } from './attempts.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { type Database, read, waitFor, write } from './database.ts';

/** Work-stream on bus.sqlite. An entry belongs to the group that it was appended for. */
export async function sqliteWorkStream(options: EmbeddedOptions): Promise<WorkStream> {
  const bus = await openBus(options);
  return {
    async appendAll(stream, entries, { group, dedupeSeconds }) {
      const appended = await write(bus, () => appendNew(bus, stream, group, entries, dedupeSeconds));
      if (appended > 0) effect('work-stream.appendAll');
      return { appended, duplicates: entries.length - appended };
    },

    async take(stream, { group, consumer, limit, leaseSeconds, waitSeconds, signal }) {
      const units = await waitFor(bus, { waitSeconds, signal }, async () => {
        // Looking first spares idle consumers the write lock.
        if (!(await read(bus, () => hasWaiting(bus, stream, group)))) return undefined;
        const taken = await write(bus, () => takeSome(bus, stream, group, consumer, limit, leaseSeconds));
        return taken.length > 0 ? taken : undefined;
      });
      if (units) effect('work-stream.take');
      return units ?? [];
    },

    async extend(stream, { group, consumer, id, leaseSeconds }) {
      const kept = await write(bus, () => {
        const { changes } = bus
          .prepare(`UPDATE stream_entries SET expires_ms = ? WHERE ${held}`)
          .run(Date.now() + leaseSeconds * 1000, stream, group, consumer, id);
        return changes === 1;
      });
      if (kept) effect('work-stream.extend');
      return kept;
    },

    async finish(stream, { group, consumer, id, ending }) {
      const mine = await write(bus, () => finishOne(bus, stream, { group, consumer, id }, ending));
      if (mine) effect('work-stream.finish');
      return mine;
    },

    async reclaim(stream, { group }) {
      const given = await write(bus, () => reclaimExpired(bus, stream, group));
      if (given > 0) effect('work-stream.reclaim');
      return given;
    },

    depth: (stream, group) => read(bus, () => depthOf(bus, stream, group)),
    unfinished: (stream, group) => read(bus, () => unfinishedOf(bus, stream, group)),
    deadLetters: (stream) => read(bus, () => deadLettersOf(bus, stream)),
    async close() {
      bus.close();
    },
  };
}

function appendNew(
  bus: Database,
  stream: string,
  group: string,
  entries: readonly StreamEntry[],
  dedupeSeconds: number,
): number {
  const now = Date.now();
  bus.prepare('DELETE FROM stream_slots WHERE stream = ? AND expires_ms <= ?').run(stream, now);
  let appended = 0;
  for (const { item, fields } of entries) {
    const slot = bus
      .prepare('INSERT OR IGNORE INTO stream_slots (stream, item, expires_ms) VALUES (?, ?, ?)')
      .run(stream, item, now + dedupeSeconds * 1000);
    if (slot.changes === 0) continue;
    bus
      .prepare('INSERT INTO stream_entries (stream, consumer_group, item, fields) VALUES (?, ?, ?, ?)')
      .run(stream, group, item, JSON.stringify(fields));
    appended += 1;
  }
  return appended;
}

const due = 'stream = ? AND consumer_group = ? AND consumer IS NULL AND due_ms <= ?';
const held = 'stream = ? AND consumer_group = ? AND consumer = ? AND id = CAST(? AS INTEGER)';

function hasWaiting(bus: Database, stream: string, group: string): boolean {
  return (
    bus.prepare(`SELECT 1 FROM stream_entries WHERE ${due} LIMIT 1`).get(stream, group, Date.now()) !==
    undefined
  );
}

function takeSome(
  bus: Database,
  stream: string,
  group: string,
  consumer: string,
  limit: number,
  leaseSeconds: number,
): StreamUnit[] {
  const now = Date.now();
  const rows = bus
    .prepare(`SELECT id, item, fields FROM stream_entries WHERE ${due} ORDER BY id LIMIT ?`)
    .all(stream, group, now, limit);
  return rows.map((row) => {
    bus
      .prepare('UPDATE stream_entries SET consumer = ?, expires_ms = ? WHERE id = ?')
      .run(consumer, now + leaseSeconds * 1000, row.id);
    const unit = entryOf(row);
    return { ...unit, attempt: countAttempt(bus, stream, unit.item) };
  });
}

function entryOf(row: Record<string, unknown>): Omit<StreamUnit, 'attempt'> {
  return { id: String(row.id), item: String(row.item), fields: JSON.parse(String(row.fields)) };
}

function finishOne(
  bus: Database,
  stream: string,
  { group, consumer, id }: { group: string; consumer: string; id: string },
  ending: Ending,
): boolean {
  const row = bus.prepare(`SELECT item FROM stream_entries WHERE ${held}`).get(stream, group, consumer, id);
  if (!row) return false;
  const item = String(row.item);
  if (ending.kind === 'release') {
    bus
      .prepare('UPDATE stream_entries SET consumer = NULL, due_ms = ? WHERE id = CAST(? AS INTEGER)')
      .run(Math.ceil(Date.now() + ending.afterSeconds * 1000), id);
    if (!ending.spend) uncountAttempt(bus, stream, item);
  } else {
    bus.prepare('DELETE FROM stream_entries WHERE id = CAST(? AS INTEGER)').run(id);
    const attempts = forgetAttempts(bus, stream, item);
    if (ending.kind === 'dead') {
      addDeadLetter(bus, stream, { item, cause: ending.cause, attempts, atMs: Date.now() });
    }
  }
  return true;
}

/** A new id fences the one who had the entry, even where the same consumer takes it again. */
function reclaimExpired(bus: Database, stream: string, group: string): number {
  const expired = bus
    .prepare(
      `DELETE FROM stream_entries WHERE stream = ? AND consumer_group = ? AND consumer IS NOT NULL AND expires_ms <= ?
       RETURNING id, item, fields`,
    )
    .all(stream, group, Date.now())
    .sort((a, b) => Number(a.id) - Number(b.id));
  for (const { item, fields } of expired) {
    bus
      .prepare('INSERT INTO stream_entries (stream, consumer_group, item, fields) VALUES (?, ?, ?, ?)')
      .run(stream, group, item, fields);
  }
  return expired.length;
}

function unfinishedOf(bus: Database, stream: string, group: string) {
  return bus
    .prepare(
      'SELECT id, item, fields FROM stream_entries WHERE stream = ? AND consumer_group = ? ORDER BY id',
    )
    .all(stream, group)
    .map(entryOf);
}

function depthOf(bus: Database, stream: string, group: string) {
  const counts = bus
    .prepare(
      `SELECT count(*) AS entries, count(consumer) AS inHand FROM stream_entries
       WHERE stream = ? AND consumer_group = ?`,
    )
    .get(stream, group);
  const dead = bus.prepare('SELECT count(*) AS dead FROM dead_letters WHERE source = ?').get(stream);
  const inHand = Number(counts?.inHand);
  return { waiting: Number(counts?.entries) - inHand, inHand, dead: Number(dead?.dead) };
}
