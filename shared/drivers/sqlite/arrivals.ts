import type { ArrivalKey } from '../../domain/ids/arrival-key.ts';
import type { Arrivals } from '../../ports/arrivals.ts';
import { effect } from '../effects.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { type Database, read, waitFor, write } from './database.ts';

/** Arrivals on bus.sqlite. */
export async function sqliteArrivals(options: EmbeddedOptions): Promise<Arrivals> {
  const bus = await openBus(options);
  const find = (key: ArrivalKey) => read(bus, () => findUri(bus, key));
  return {
    find,
    wait: (key, { waitSeconds, signal }) => waitFor(bus, { waitSeconds, signal }, () => find(key)),
    async announce(arrivals, ttlSeconds) {
      if (arrivals.length === 0) return;
      await write(bus, () => {
        const now = Date.now();
        bus.prepare('DELETE FROM arrivals WHERE expires_ms <= ?').run(now);
        for (const { instrument, group, snap, detector, uri } of arrivals) {
          bus
            .prepare('INSERT OR REPLACE INTO arrivals VALUES (?, ?, ?, ?, ?, ?)')
            .run(instrument, group, snap, detector, uri, now + ttlSeconds * 1000);
        }
      });
      effect('arrivals.announce');
    },
    async close() {
      bus.close();
    },
  };
}

function findUri(bus: Database, { instrument, group, snap, detector }: ArrivalKey): string | undefined {
  const row = bus
    .prepare(
      `SELECT uri FROM arrivals
       WHERE instrument = ? AND exposure_group = ? AND snap = ? AND detector = ? AND expires_ms > ?`,
    )
    .get(instrument, group, snap, detector, Date.now());
  return row && String(row.uri);
}
