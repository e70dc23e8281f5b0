import { type FSWatcher, mkdirSync, watch } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as breathe, setTimeout as pause } from 'node:timers/promises';
import { Fault } from 'openfaas-sdk-ts';

/**
 * One SQLite file as its drivers share it: one connection a process and file, whoever opens it.
 * Everything on it is synchronous; only waiting (for the write lock, for a change) is not.
 */
export interface Database {
  /** Absolute path. */
  readonly file: string;
  readonly connection: DatabaseSync;
  /** A statement, compiled once per text. Integers come as numbers: node:sqlite throws above 2^53. */
  prepare(sql: string): StatementSync;
  /** The same with integers as bigint, for columns that hold 64-bit ids or offsets. */
  prepareBig(sql: string): StatementSync;
  /** Tells waiters of this process that the file may have changed. */
  readonly changed: Set<() => void>;
  /** Gives this handle back; the last one closes the connection. */
  close(): void;
}

export interface DatabaseOptions {
  /** Statements that lead from each `user_version` to the next. Absent: the file's schema is not ours to change. */
  readonly migrations?: readonly string[];
  /** Survive power loss too: synchronous FULL, one fsync a commit (NIGHTSHIFT_FSYNC=1). */
  readonly fsync?: boolean;
}

/** How long a statement may block the event loop for another process's lock before the wait becomes asynchronous. */
const BUSY_TIMEOUT_MS = 20;
/** A lock held for this long is no contention any more: no transaction of ours takes over 10 ms. */
const GIVE_UP_MS = 30_000;
/** Looks at the file's version this often even when no event of the file system came, and for due times. */
const LOOK_MS = 250;
/** Wake-ups within this time are one, so that a burst of commits costs each waiter at most 200 looks a second. */
const COALESCE_MS = 5;

interface Shared {
  readonly database: Database;
  readonly watcher: FSWatcher | undefined;
  handles: number;
}

const open = new Map<string, Shared>();

/**
 * Opens a file with the rules of every embedded file: WAL, synchronous NORMAL, short busy_timeout.
 * @throws Fault NS_CONFIGURATION where the file was made by a newer Nightshift.
 */
export async function openDatabase(path: string, options: DatabaseOptions = {}): Promise<Database> {
  const file = resolve(path);
  const known = open.get(file);
  if (known) {
    known.handles += 1;
    return known.database;
  }
  mkdirSync(dirname(file), { recursive: true });
  const connection = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    // Turning WAL on needs the file for itself for a moment, and so may meet another process that does the same.
    await untilFree(file, () => connection.exec(pragmas(options.fsync ?? false)));
    const { migrations } = options;
    if (migrations) await untilFree(file, () => migrate(connection, file, migrations));
  } catch (error) {
    connection.close();
    throw error;
  }
  // Another caller of this process may have opened the same file while this one waited.
  const raced = open.get(file);
  if (raced) {
    connection.close();
    raced.handles += 1;
    return raced.database;
  }
  return share(file, connection);
}

/**
 * Runs `work` in one write transaction (BEGIN IMMEDIATE .. COMMIT) and answers what it answers. `work` is
 * synchronous, is repeated from the start when it has to wait for the lock, and should stay under 10 ms.
 */
export async function write<T>(database: Database, work: () => T): Promise<T> {
  const answer = await untilFree(database.file, () => transaction(database.connection, work));
  // Without this a loop of writes would keep timers, sockets and heartbeats waiting until its end.
  await breathe();
  return answer;
}

/** Runs reading statements: the same retries and faults as `write`, without a lock. */
export function read<T>(database: Database, work: () => T): Promise<T> {
  return untilFree(database.file, work);
}

/**
 * Calls `look` until it answers something: at once, whenever any process changed the file, and every 250 ms for
 * what becomes due by time. Undefined when `waitSeconds` have passed or the signal aborts.
 */
export async function waitFor<T>(
  database: Database,
  options: { waitSeconds: number; signal?: AbortSignal },
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + options.waitSeconds * 1000;
  for (;;) {
    const seen = version(database);
    const found = await look();
    if (found !== undefined) return found;
    const left = deadline - performance.now();
    if (left <= 0 || options.signal?.aborted) return undefined;
    if (version(database) === seen) await nextChange(database, Math.min(left, LOOK_MS), options.signal);
    else await pause(COALESCE_MS);
  }
}

/** Resolves at the next sign of a change of the file, after `milliseconds` at the latest, or when the signal aborts. */
function nextChange(
  database: Database,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      database.changed.delete(end);
      signal?.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, milliseconds);
    database.changed.add(end);
    signal?.addEventListener('abort', end);
  });
}

/** Differs from an earlier answer when anybody has changed the file since: others (data_version) or we (total_changes). */
function version(database: Database): string {
  const others = database.prepare('PRAGMA data_version').get();
  const ours = database.prepare('SELECT total_changes() AS changes').get();
  return `${others?.data_version}/${ours?.changes}`;
}

function share(file: string, connection: DatabaseSync): Database {
  const numbers = new Map<string, StatementSync>();
  const bigints = new Map<string, StatementSync>();
  const changed = new Set<() => void>();
  const database: Database = {
    file,
    connection,
    changed,
    prepare: (sql) => compiled(numbers, sql, () => connection.prepare(sql)),
    prepareBig: (sql) => compiled(bigints, sql, () => connection.prepare(sql, { readBigInts: true })),
    close() {
      shared.handles -= 1;
      if (shared.handles > 0) return;
      open.delete(file);
      shared.watcher?.close();
      connection.close();
    },
  };
  const shared: Shared = { database, handles: 1, watcher: watchLog(file, changed) };
  open.set(file, shared);
  return database;
}

function compiled(
  cache: Map<string, StatementSync>,
  sql: string,
  compile: () => StatementSync,
): StatementSync {
  const known = cache.get(sql);
  if (known) return known;
  const statement = compile();
  cache.set(sql, statement);
  return statement;
}

/** Every commit of every process appends to the -wal file, so its changes wake the waiters. */
function watchLog(file: string, changed: Set<() => void>): FSWatcher | undefined {
  let scheduled = false;
  const wake = () => {
    if (scheduled || changed.size === 0) return;
    scheduled = true;
    setTimeout(() => {
      scheduled = false;
      for (const end of [...changed]) end();
    }, COALESCE_MS);
  };
  try {
    const watcher = watch(`${file}-wal`, { persistent: false }, wake);
    // Out of inotify watches, or none on this file system: the look every 250 ms is what remains.
    return watcher.on('error', () => watcher.close());
  } catch {
    return undefined;
  }
}

function pragmas(fsync: boolean): string {
  return `PRAGMA journal_mode = WAL;
PRAGMA synchronous = ${fsync ? 'FULL' : 'NORMAL'};
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -65536;`;
}

function migrate(connection: DatabaseSync, file: string, migrations: readonly string[]): void {
  transaction(connection, () => {
    const found = Number(connection.prepare('PRAGMA user_version').get()?.user_version);
    if (found > migrations.length) {
      throw new Fault(
        'NS_CONFIGURATION',
        `${file} has version ${found} and was made by a newer Nightshift; this one knows versions up to ` +
          `${migrations.length}. Run the newer one, or give another folder in NIGHTSHIFT_DATA.`,
      );
    }
    for (const statements of migrations.slice(found)) connection.exec(statements);
    if (found < migrations.length) connection.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

function transaction<T>(connection: DatabaseSync, work: () => T): T {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const answer = work();
    connection.exec('COMMIT');
    return answer;
  } catch (error) {
    // A full disk ends the transaction by itself.
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

/** Repeats `work` while another process holds the lock, with jitter, since SQLite's lock is not fair. */
async function untilFree<T>(file: string, work: () => T): Promise<T> {
  const began = performance.now();
  for (let attempt = 0; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() - began > GIVE_UP_MS) throw asFault(error, file);
    }
    await pause(1 + Math.random() * Math.min(100, 5 * 2 ** attempt));
  }
}

// Primary result codes (https://sqlite.org/rescode.html); an extended code carries its primary in the low byte.
const SQLITE_PERM = 3;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
/** The shared-memory file could not grow: the disk is full. */
const SQLITE_IOERR_SHMSIZE = 4874;

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return Number(error.errcode);
}

function isBusy(error: unknown): boolean {
  const primary = (resultCode(error) ?? 0) & 0xff;
  return primary === SQLITE_BUSY || primary === SQLITE_LOCKED;
}

/** What SQLite says of the file or the disk as a fault of the dependency; anything else as it is. */
function asFault(error: unknown, file: string): unknown {
  const code = resultCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  const dependency = basename(file);
  const fault = (
    kind: 'NS_STORAGE_FULL' | 'NS_DEPENDENCY_REFUSED' | 'NS_DEPENDENCY_UNAVAILABLE',
    why: string,
  ) => new Fault(kind, `${file}: ${why} (SQLite: ${error.message}).`, { cause: error, dependency });
  if (code === SQLITE_IOERR_SHMSIZE) return fault('NS_STORAGE_FULL', 'the disk is full; free space on it');
  switch (code & 0xff) {
    case SQLITE_FULL:
      return fault('NS_STORAGE_FULL', 'the disk is full; free space on it');
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return fault('NS_DEPENDENCY_REFUSED', 'it cannot be opened or written; check owner and mode');
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return fault(
        'NS_DEPENDENCY_UNAVAILABLE',
        `another process has held its lock for ${GIVE_UP_MS / 1000} s`,
      );
    case SQLITE_IOERR:
      return fault('NS_DEPENDENCY_UNAVAILABLE', 'the disk answered with an error');
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return fault('NS_DEPENDENCY_UNAVAILABLE', 'it is damaged; restore it, or move it away');
    default:
      return error;
  }
}
