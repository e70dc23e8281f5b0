import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ArrivalKey } from '#shared/domain/ids/arrival-key.ts';
import type { Arrivals } from '#shared/ports/arrivals.ts';
import { hostileNames, type Open, opened, wakeUpMs } from './suite.ts';

/** What every arrivals does, whatever it stands on. */
export function arrivalsContract(name: string, open: Open<Arrivals>): void {
  const freshKey = (): ArrivalKey => ({
    instrument: 'LSSTCam',
    group: `2025-04-16T07:03:14.565#${randomUUID()}`,
    snap: 0,
    detector: 'R22_S11',
  });
  const uri = 's3://embargo@rubin-summit/LSSTCam/20250416/a.fits';

  describe(`arrivals on ${name}`, () => {
    test('finds what was announced, by the whole key', async () => {
      const arrivals = await opened(open);
      const key = freshKey();
      expect(await arrivals.find(key)).toBeUndefined();
      await arrivals.announce([{ ...key, uri }], 60);
      expect(await arrivals.find(key)).toBe(uri);
      expect(await arrivals.find({ ...key, snap: 1 })).toBeUndefined();
      expect(await arrivals.find({ ...key, detector: 'R22_S12' })).toBeUndefined();
      expect(await arrivals.find({ ...key, instrument: 'LATISS' })).toBeUndefined();
    });

    test('announces many at once, and none', async () => {
      const arrivals = await opened(open);
      const keys = Array.from({ length: 189 }, freshKey);
      await arrivals.announce(
        keys.map((key, n) => ({ ...key, uri: `${uri}?${n}` })),
        60,
      );
      for (const [n, key] of keys.entries()) expect(await arrivals.find(key)).toBe(`${uri}?${n}`);
      await arrivals.announce([], 60);
    });

    test('a later announcement of one key wins', async () => {
      const arrivals = await opened(open);
      const key = freshKey();
      await arrivals.announce([{ ...key, uri: 's3://b/old' }], 60);
      await arrivals.announce([{ ...key, uri }], 60);
      expect(await arrivals.find(key)).toBe(uri);
    });

    test('forgets a key after its time to live', async () => {
      const arrivals = await opened(open);
      const key = freshKey();
      await arrivals.announce([{ ...key, uri }], 1);
      expect(await arrivals.find(key)).toBe(uri);
      await pause(1100);
      expect(await arrivals.find(key)).toBeUndefined();
      expect(await arrivals.wait(key, { waitSeconds: 0.1 })).toBeUndefined();
    });

    test('takes any group id', async () => {
      const arrivals = await opened(open);
      const keys = hostileNames.map((text) => ({ ...freshKey(), group: `${text}${randomUUID()}${text}` }));
      await arrivals.announce(
        keys.map((key) => ({ ...key, uri: `s3://b/${key.group}` })),
        60,
      );
      for (const key of keys) expect(await arrivals.find(key)).toBe(`s3://b/${key.group}`);
    });

    test('answers a wait at once where the file is there', async () => {
      const arrivals = await opened(open);
      const key = freshKey();
      await arrivals.announce([{ ...key, uri }], 60);
      const began = performance.now();
      expect(await arrivals.wait(key, { waitSeconds: 20 })).toBe(uri);
      expect(performance.now() - began).toBeLessThan(wakeUpMs);
    });

    test('wakes every waiter of the key, and only with its own URI', async () => {
      const arrivals = await opened(open);
      const announcer = await opened(open);
      const [key, other] = [freshKey(), freshKey()];
      const waits = Array.from({ length: 20 }, () => arrivals.wait(key, { waitSeconds: 20 }));
      const unheard = arrivals.wait(other, { waitSeconds: 1 });
      await pause(300);
      await announcer.announce([{ ...key, uri }], 60);
      const announcedAt = performance.now();
      expect(await Promise.all(waits)).toEqual(waits.map(() => uri));
      expect(performance.now() - announcedAt).toBeLessThan(wakeUpMs);
      expect(await unheard).toBeUndefined();
    });

    test('misses no announcement that falls beside the beginning of a wait', async () => {
      const arrivals = await opened(open);
      const announcer = await opened(open);
      const began = performance.now();
      for (let round = 0; round < 50; round++) {
        const key = freshKey();
        const [found] = await Promise.all([
          arrivals.wait(key, { waitSeconds: 20 }),
          announcer.announce([{ ...key, uri }], 60),
        ]);
        expect(found).toBe(uri);
      }
      expect(performance.now() - began).toBeLessThan(50 * wakeUpMs);
    });

    test('a wait ends with nothing, by time or by signal', async () => {
      const arrivals = await opened(open);
      const key = freshKey();
      const began = performance.now();
      expect(await arrivals.wait(key, { waitSeconds: 0.5 })).toBeUndefined();
      expect(performance.now() - began).toBeGreaterThan(450);
      const signal = AbortSignal.timeout(100);
      expect(await arrivals.wait(key, { waitSeconds: 20, signal })).toBeUndefined();
      expect(performance.now() - began).toBeLessThan(5000);
    });
  });
}
