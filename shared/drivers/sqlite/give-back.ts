import { uncountAttempt } from './attempts.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { type Database, write } from './database.ts';

/**
 * Gives back all that is in hand on bus.sqlite, at once and with its attempt. For the one who has just locked the data
 * folder: whoever held these units died with the whole process tree (or is on its last unit, whose end is refused),
 * which is no item's fault. Answers how many units were given back.
 */
export async function giveBackAll(options: EmbeddedOptions): Promise<number> {
  const bus = await openBus(options);
  try {
    return await write(bus, () => {
      for (const table of ['leases', 'queue_leases']) bus.prepare(`DELETE FROM ${table}`).run();
      return giveBackEntries(bus) + giveBackItems(bus);
    });
  } finally {
    bus.close();
  }
}

/** Under a new id, as `reclaim` does it, so that the one who had an entry can no longer end it. */
function giveBackEntries(bus: Database): number {
  const entries = bus
    .prepare(
      'DELETE FROM stream_entries WHERE consumer IS NOT NULL RETURNING id, stream, consumer_group, item, fields',
    )
    .all()
    .sort((a, b) => Number(a.id) - Number(b.id));
  for (const { stream, consumer_group, item, fields } of entries) {
    uncountAttempt(bus, String(stream), String(item));
    bus
      .prepare('INSERT INTO stream_entries (stream, consumer_group, item, fields) VALUES (?, ?, ?, ?)')
      .run(stream, consumer_group, item, fields);
  }
  return entries.length;
}

function giveBackItems(bus: Database): number {
  const items = bus.prepare('SELECT list, item FROM queue_items WHERE worker IS NOT NULL').all();
  for (const { list, item } of items) uncountAttempt(bus, String(list), String(item));
  bus.prepare('UPDATE queue_items SET worker = NULL WHERE worker IS NOT NULL').run();
  return items.length;
}
