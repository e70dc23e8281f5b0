import { join } from 'node:path';
import { type Database, openDatabase } from './database.ts';

/** Where the embedded drivers keep their files. */
export interface EmbeddedOptions {
  /** NIGHTSHIFT_DATA. */
  readonly data: string;
  /** NIGHTSHIFT_FSYNC. */
  readonly fsync?: boolean;
}

/** bus.sqlite: queues, streams, arrivals, leases, log and created events of one data folder. Ours, so migrated. */
export function openBus(options: EmbeddedOptions): Promise<Database> {
  return openDatabase(join(options.data, 'bus.sqlite'), { migrations, fsync: options.fsync });
}

// Times are Unix ms of the host's clock, which is the clock of this store.
const migrations = [
  `
CREATE TABLE queue_items (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, -- order of push; an item that comes back keeps its place
  list TEXT NOT NULL,
  item TEXT NOT NULL,
  worker TEXT, -- NULL: waits
  holder TEXT, -- the instance that took it for the worker
  due_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX queue_waiting ON queue_items (list, seq) WHERE worker IS NULL;
CREATE INDEX queue_items_by_name ON queue_items (list, item);
CREATE TABLE queue_leases (
  list TEXT NOT NULL,
  worker TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (list, worker)
) STRICT, WITHOUT ROWID;
-- The last receipt of each path: what ENQ: and FILE: are on Redis; REC:, RECINSTR: and MAXSEQ: are queries on it.
CREATE TABLE receipts (
  path TEXT PRIMARY KEY,
  e_tag TEXT,
  sequencer TEXT,
  bucket TEXT,
  instrument TEXT,
  obs_day TEXT,
  seq_num INTEGER,
  received_ms INTEGER
) STRICT, WITHOUT ROWID;

-- Of queues and streams: attempts by item (ATTEMPTS: on Redis) and what was set aside (DEAD:).
CREATE TABLE attempts (
  source TEXT NOT NULL,
  item TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  PRIMARY KEY (source, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  item TEXT NOT NULL,
  cause TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_source ON dead_letters (source, seq);

CREATE TABLE stream_entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  stream TEXT NOT NULL,
  consumer_group TEXT NOT NULL,
  item TEXT NOT NULL,
  fields TEXT NOT NULL, -- JSON
  consumer TEXT, -- NULL: waits
  expires_ms INTEGER NOT NULL DEFAULT 0,
  due_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX stream_entries_by_group ON stream_entries (stream, consumer_group, id);
CREATE TABLE stream_slots (
  stream TEXT NOT NULL,
  item TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (stream, item)
) STRICT, WITHOUT ROWID;

CREATE TABLE arrivals (
  instrument TEXT NOT NULL,
  exposure_group TEXT NOT NULL,
  snap INTEGER NOT NULL,
  detector TEXT NOT NULL,
  uri TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (instrument, exposure_group, snap, detector)
) STRICT, WITHOUT ROWID;
CREATE INDEX arrivals_by_expiry ON arrivals (expires_ms);

CREATE TABLE leases (
  name TEXT PRIMARY KEY,
  token TEXT NOT NULL,
  expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE log_topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE log_partitions (
  id INTEGER PRIMARY KEY,
  topic_id INTEGER NOT NULL REFERENCES log_topics (id),
  partition INTEGER NOT NULL,
  next_offset INTEGER NOT NULL DEFAULT 0,
  last_ms INTEGER NOT NULL DEFAULT 0, -- timestamps never go back within a partition
  UNIQUE (topic_id, partition)
) STRICT;
-- id = partition id * 2^40 + offset: order of the key is order of append, and a partition is one range of keys.
CREATE TABLE log_records (
  id INTEGER PRIMARY KEY,
  key BLOB,
  value BLOB NOT NULL,
  headers TEXT NOT NULL, -- JSON
  timestamp_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE log_ids (
  topic_id INTEGER NOT NULL,
  id TEXT NOT NULL,
  record INTEGER NOT NULL,
  PRIMARY KEY (topic_id, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_commits (
  consumer_group TEXT NOT NULL,
  partition_id INTEGER NOT NULL,
  next_offset INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  PRIMARY KEY (consumer_group, partition_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_members (
  topic_id INTEGER NOT NULL,
  consumer_group TEXT NOT NULL,
  member TEXT NOT NULL,
  owner TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,
  PRIMARY KEY (topic_id, consumer_group, member)
) STRICT, WITHOUT ROWID;
CREATE TABLE log_assignments (
  consumer_group TEXT NOT NULL,
  partition_id INTEGER NOT NULL,
  member TEXT NOT NULL,
  PRIMARY KEY (consumer_group, partition_id)
) STRICT, WITHOUT ROWID;

-- Puts begun and not known to have ended, and events of stored objects not yet acknowledged by both receivers.
CREATE TABLE pending_puts (
  temporary TEXT PRIMARY KEY,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  e_tag TEXT NOT NULL,
  owner TEXT NOT NULL,
  began_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE created_events (
  sequencer INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  e_tag TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  notified INTEGER NOT NULL DEFAULT 0,
  appended INTEGER NOT NULL DEFAULT 0,
  failures INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX created_events_by_bucket ON created_events (bucket, failures, sequencer);
-- MD5 of files whose size and time of change are these; of any other it is computed from the file.
CREATE TABLE object_tags (
  bucket TEXT NOT NULL,
  key TEXT NOT NULL,
  size INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  e_tag TEXT NOT NULL,
  PRIMARY KEY (bucket, key)
) STRICT, WITHOUT ROWID;
`,
];
