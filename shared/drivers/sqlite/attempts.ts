import type { DeadLetter } from '../../ports/work-queue.ts';
import type { Database } from './database.ts';

// Attempts and dead letters of queues and streams, inside the caller's transaction. `source` is the list or stream.

/** Counts one more attempt and answers its number, from 1. */
export function countAttempt(database: Database, source: string, item: string): number {
  const row = database
    .prepare(
      `INSERT INTO attempts (source, item, attempts) VALUES (?, ?, 1)
       ON CONFLICT (source, item) DO UPDATE SET attempts = attempts + 1 RETURNING attempts`,
    )
    .get(source, item);
  return Number(row?.attempts);
}

/** Gives one attempt back: the dependency failed, not the item. */
export function uncountAttempt(database: Database, source: string, item: string): void {
  database
    .prepare('UPDATE attempts SET attempts = attempts - 1 WHERE source = ? AND item = ? AND attempts > 0')
    .run(source, item);
}

/** Forgets an item's attempts and answers how many there were. */
export function forgetAttempts(database: Database, source: string, item: string): number {
  const row = database
    .prepare('DELETE FROM attempts WHERE source = ? AND item = ? RETURNING attempts')
    .get(source, item);
  return Number(row?.attempts ?? 0);
}

export function addDeadLetter(database: Database, source: string, letter: DeadLetter): void {
  database
    .prepare('INSERT INTO dead_letters (source, item, cause, attempts, at_ms) VALUES (?, ?, ?, ?, ?)')
    .run(source, letter.item, letter.cause, letter.attempts, letter.atMs);
}

/** Oldest first. */
export function deadLettersOf(database: Database, source: string): DeadLetter[] {
  return database
    .prepare('SELECT item, cause, attempts, at_ms AS atMs FROM dead_letters WHERE source = ? ORDER BY seq')
    .all(source)
    .map((row) => ({
      item: String(row.item),
      cause: String(row.cause),
      attempts: Number(row.attempts),
      atMs: Number(row.atMs),
    }));
}
