import { randomUUID } from 'node:crypto';
import type { Leases } from '../../ports/leases.ts';
import { effect } from '../effects.ts';
import { type EmbeddedOptions, openBus } from './bus.ts';
import { write } from './database.ts';

/** Leases on bus.sqlite. */
export async function sqliteLeases(options: EmbeddedOptions): Promise<Leases> {
  const bus = await openBus(options);
  return {
    async take(name, seconds) {
      const token = randomUUID();
      const taken = await write(bus, () => {
        const now = Date.now();
        // An expired row is overwritten in place; a living one refuses.
        const { changes } = bus
          .prepare(
            `INSERT INTO leases (name, token, expires_ms) VALUES (?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET token = excluded.token, expires_ms = excluded.expires_ms
             WHERE expires_ms <= ?`,
          )
          .run(name, token, now + seconds * 1000, now);
        return changes === 1;
      });
      if (!taken) return undefined;
      effect('leases.take');
      return { name, token };
    },

    async extend({ name, token }, seconds) {
      const kept = await write(bus, () => {
        const now = Date.now();
        const { changes } = bus
          .prepare('UPDATE leases SET expires_ms = ? WHERE name = ? AND token = ? AND expires_ms > ?')
          .run(now + seconds * 1000, name, token, now);
        return changes === 1;
      });
      if (kept) effect('leases.extend');
      return kept;
    },

    async release({ name, token }) {
      const held = await write(bus, () => {
        const { changes } = bus.prepare('DELETE FROM leases WHERE name = ? AND token = ?').run(name, token);
        return changes === 1;
      });
      if (held) effect('leases.release');
    },

    async close() {
      bus.close();
    },
  };
}
