import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { isFault } from 'openfaas-sdk-ts';
import { expect, onTestFinished, test } from 'vitest';
import { type Database, openDatabase, waitFor, write } from '#shared/drivers/sqlite/database.ts';
import { testFolder } from '../../support/folders.ts';
import { ended, startProcess } from '../../support/processes.ts';

async function counterFile(): Promise<Database> {
  const database = await openDatabase(join(testFolder(), 'bus.sqlite'), {
    migrations: ['CREATE TABLE counter (n INTEGER NOT NULL); INSERT INTO counter VALUES (0);'],
  });
  onTestFinished(() => database.close());
  return database;
}

const countOf = (database: Database) => database.prepare('SELECT n FROM counter').get()?.n;

test('opens in WAL with synchronous NORMAL, and FULL on request', async () => {
  const folder = testFolder();
  const normal = await openDatabase(join(folder, 'a.sqlite'));
  const full = await openDatabase(join(folder, 'b.sqlite'), { fsync: true });
  expect(normal.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(normal.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 1 });
  expect(full.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(normal.prepare('PRAGMA busy_timeout').get()).toEqual({ timeout: 20 });
  normal.close();
  full.close();
});

test('one connection a process and file: the last handle closes it', async () => {
  const file = join(testFolder(), 'a.sqlite');
  const [first, second] = await Promise.all([openDatabase(file), openDatabase(file)]);
  expect(second.connection).toBe(first.connection);
  first.close();
  expect(second.prepare('SELECT 1 AS one').get()).toEqual({ one: 1 });
  second.close();
  expect(second.connection.isOpen).toBe(false);
});

test('migrates forward, and refuses a newer file with a sentence', async () => {
  const file = join(testFolder(), 'bus.sqlite');
  const steps = ['CREATE TABLE a (n INTEGER)', 'ALTER TABLE a ADD COLUMN m INTEGER'];
  const old = await openDatabase(file, { migrations: steps.slice(0, 1) });
  old.connection.exec('INSERT INTO a VALUES (1)');
  old.close();
  const current = await openDatabase(file, { migrations: steps });
  expect(current.prepare('SELECT * FROM a').all()).toEqual([{ n: 1, m: null }]);
  current.close();
  const newer = openDatabase(file, { migrations: steps.slice(0, 1) });
  await expect(newer).rejects.toThrow(/has version 2 and was made by a newer Nightshift/);
  await expect(newer).rejects.toSatisfy((error) => isFault(error, 'NS_CONFIGURATION'));
});

test('a failed transaction leaves nothing behind, and its own error comes out', async () => {
  const database = await counterFile();
  const failed = write(database, () => {
    database.prepare('UPDATE counter SET n = 7').run();
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  expect(countOf(database)).toBe(0);
});

test('four processes count without losing a step', async () => {
  const database = await counterFile();
  const child = join(import.meta.dirname, 'processes/increment.ts');
  const children = [1, 2, 3, 4].map(() => startProcess(child, [database.file, '200']));
  expect(await Promise.all(children.map(ended))).toEqual([0, 0, 0, 0]);
  expect(countOf(database)).toBe(800);
});

test('a held write lock is waited for without blocking the event loop', async () => {
  const database = await counterFile();
  const other = new DatabaseSync(database.file);
  onTestFinished(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  onTestFinished(() => clearInterval(timer));
  const writing = write(database, () => database.prepare('UPDATE counter SET n = n + 1').run());
  await pause(400);
  expect(turns).toBeGreaterThan(5);
  other.exec('COMMIT');
  await writing;
  expect(countOf(database)).toBe(1);
});

test('a change by another connection wakes a waiter at once', async () => {
  const database = await counterFile();
  const other = new DatabaseSync(database.file);
  onTestFinished(() => other.close());
  const delays: number[] = [];
  for (let round = 1; round <= 5; round++) {
    let changedAt = 0;
    setTimeout(() => {
      other.exec(`UPDATE counter SET n = ${round}`);
      changedAt = performance.now();
    }, 20);
    const look = async () => (countOf(database) === round ? round : undefined);
    expect(await waitFor(database, { waitSeconds: 5 }, look)).toBe(round);
    delays.push(performance.now() - changedAt);
  }
  // The middle one is well under the look every 250 ms: the event of the -wal file did it.
  expect(delays.sort((a, b) => a - b)[2]).toBeLessThan(150);
});

test('waiting ends by time and by signal, with nothing', async () => {
  const database = await counterFile();
  const never = async () => undefined;
  const began = performance.now();
  expect(await waitFor(database, { waitSeconds: 0.3 }, never)).toBeUndefined();
  expect(performance.now() - began).toBeGreaterThan(290);
  const signal = AbortSignal.timeout(50);
  expect(await waitFor(database, { waitSeconds: 60, signal }, never)).toBeUndefined();
  expect(performance.now() - began).toBeLessThan(5000);
});

test('integers above 2^53 come whole as bigint, and loudly not as numbers', async () => {
  const database = await counterFile();
  const id = 169760235333878021n;
  database.prepare('UPDATE counter SET n = ?').run(id);
  expect(database.prepareBig('SELECT n FROM counter').get()).toEqual({ n: id });
  expect(() => database.prepare('SELECT n FROM counter').get()).toThrow(/too large/i);
});

test('a full disk is a fault of the dependency', async () => {
  const database = await counterFile();
  const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count);
  database.connection.exec(`PRAGMA max_page_count = ${pages}`);
  const filling = write(database, () =>
    database.connection.exec('CREATE TABLE big AS SELECT zeroblob(1000000)'),
  );
  await expect(filling).rejects.toSatisfy((error) => isFault(error, 'NS_STORAGE_FULL'));
  database.connection.exec('PRAGMA max_page_count = 1000000');
  await write(database, () => database.prepare('UPDATE counter SET n = 1').run());
});

test('a file that is no database is a fault that says so', async () => {
  const file = join(testFolder(), 'bus.sqlite');
  writeFileSync(file, 'this is a text and no database, long enough to have a header'.repeat(20));
  await expect(openDatabase(file)).rejects.toThrow(/is damaged/);
});
