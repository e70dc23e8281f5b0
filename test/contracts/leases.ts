import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Leases } from '#shared/ports/leases.ts';
import { hostileNames, leaseSeconds, type Open, opened } from './suite.ts';

/** What every leases does, whatever it stands on. */
export function leasesContract(name: string, open: Open<Leases>): void {
  describe(`leases on ${name}`, () => {
    test('one holder at a time, the next after release', async () => {
      const leases = await opened(open);
      const other = await opened(open);
      const lock = `test-${randomUUID()}`;
      const lease = await leases.take(lock, 30);
      expect(lease).toMatchObject({ name: lock, token: expect.any(String) });
      expect(await other.take(lock, 30)).toBeUndefined();
      expect(await leases.take(lock, 30)).toBeUndefined();
      await leases.release(lease!);
      const next = await other.take(lock, 30);
      expect(next).toMatchObject({ name: lock });
      expect(next!.token).not.toBe(lease!.token);
    });

    test('expires by itself, and extending keeps it', async () => {
      const leases = await opened(open);
      const lock = `test-${randomUUID()}`;
      const lease = await leases.take(lock, leaseSeconds);
      for (let beat = 0; beat < 3; beat++) {
        await pause(leaseSeconds * 500);
        expect(await leases.extend(lease!, leaseSeconds)).toBe(true);
        expect(await leases.take(lock, 30)).toBeUndefined();
      }
      await pause(leaseSeconds * 1000 + 100);
      expect(await leases.take(lock, 30)).toMatchObject({ name: lock });
    });

    test('a token that holds it no more changes nothing', async () => {
      const leases = await opened(open);
      const lock = `test-${randomUUID()}`;
      const stale = await leases.take(lock, leaseSeconds);
      await pause(leaseSeconds * 1000 + 100);
      expect(await leases.extend(stale!, 30)).toBe(false);
      const current = await leases.take(lock, 30);
      expect(await leases.extend(stale!, 30)).toBe(false);
      await leases.release(stale!);
      expect(await leases.take(lock, 30)).toBeUndefined();
      expect(await leases.extend(current!, 30)).toBe(true);
      await leases.release(current!);
      await leases.release(current!);
    });

    test('of twenty who ask at once, one gets it', async () => {
      const instances = await Promise.all(Array.from({ length: 20 }, () => opened(open)));
      const lock = `test-${randomUUID()}`;
      const answers = await Promise.all(instances.map((leases) => leases.take(lock, 30)));
      expect(answers.filter((lease) => lease !== undefined)).toHaveLength(1);
    });

    test('takes any name', async () => {
      const leases = await opened(open);
      for (const text of hostileNames) {
        const lock = `${randomUUID()}${text}`;
        const lease = await leases.take(lock, 30);
        expect(lease?.name).toBe(lock);
        expect(await leases.take(lock, 30)).toBeUndefined();
        await leases.release(lease!);
      }
    });
  });
}
