import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { WorkQueue } from '#shared/ports/work-queue.ts';
import { hostileNames, leaseSeconds, type Open, opened, wakeUpMs } from './suite.ts';

const taking = (worker: string, limit = 10) => ({ worker, limit, leaseSeconds: 30, waitSeconds: 0 });
const items = (...names: string[]) => names.map((item) => ({ item }));
const namesOf = (units: readonly { item: string }[]) => units.map((unit) => unit.item);

/** What every work-queue does, whatever it stands on. */
export function workQueueContract(name: string, open: Open<WorkQueue>): void {
  /** A list and paths of this test's own, so that tests may share a store. */
  async function fresh() {
    const id = randomUUID();
    return {
      queue: await opened(open),
      list: `QUEUE:test@${id}`,
      path: (text: string) => `test@${id}/${text}`,
    };
  }

  describe(`work-queue on ${name}`, () => {
    test('hands items out in the order of their push, over several calls', async () => {
      const { queue, list } = await fresh();
      expect(await queue.push(list, items('a', 'b'))).toEqual(['queued', 'queued']);
      await queue.push(list, items('c'));
      expect(await queue.take(list, taking('w', 2))).toEqual([
        { item: 'a', attempt: 1 },
        { item: 'b', attempt: 1 },
      ]);
      expect(await queue.take(list, taking('w', 2))).toEqual([{ item: 'c', attempt: 1 }]);
      expect(await queue.take(list, taking('w', 2))).toEqual([]);
    });

    test('keeps lists apart', async () => {
      const { queue, list } = await fresh();
      const other = `QUEUE:${randomUUID()}`;
      await queue.push(list, items('a'));
      expect(await queue.take(other, taking('w'))).toEqual([]);
      expect(await queue.depth(other)).toEqual({ waiting: 0, inHand: 0, dead: 0 });
      expect(await queue.depth(list)).toEqual({ waiting: 1, inHand: 0, dead: 0 });
    });

    test('queues a receipt once, also within one call and after the item is done', async () => {
      const { queue, list, path } = await fresh();
      const notice = { item: path('x.fits'), eTag: 'e1', sequencer: '0A' };
      expect(await queue.push(list, [notice, notice])).toEqual(['queued', 'duplicate']);
      expect(await queue.push(list, [notice])).toEqual(['duplicate']);
      await queue.take(list, taking('w'));
      await queue.finish(list, { worker: 'w', item: notice.item, ending: { kind: 'done' } });
      expect(await queue.push(list, [notice])).toEqual(['duplicate']);
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 0, dead: 0 });
    });

    test('queues a new version of an object, and knows late news of an old one', async () => {
      const { queue, list, path } = await fresh();
      const version = (eTag: string, sequencer: string) => ({ item: path('x.fits'), eTag, sequencer });
      expect(await queue.push(list, [version('e1', '9')])).toEqual(['queued']);
      // Sequencers are numbers: 10 hex comes after 9.
      expect(await queue.push(list, [version('e2', '10')])).toEqual(['queued']);
      expect(await queue.push(list, [version('e2', '11')])).toEqual(['queued']);
      expect(await queue.push(list, [version('e1', '9')])).toEqual(['duplicate']);
    });

    test('knows an object of a bucket listing, which has an eTag and no sequencer', async () => {
      const { queue, list, path } = await fresh();
      const item = path('x.fits');
      await queue.push(list, [{ item, eTag: 'e1', sequencer: '0A' }]);
      expect(await queue.push(list, [{ item, eTag: 'e1' }])).toEqual(['duplicate']);
      expect(await queue.push(list, [{ item, eTag: 'e2' }])).toEqual(['queued']);
      expect(await queue.push(list, [{ item, eTag: 'e2' }])).toEqual(['duplicate']);
    });

    test('queues a manual trigger always, unless the item waits already', async () => {
      const { queue, list, path } = await fresh();
      const item = path('x.fits');
      await queue.push(list, [{ item, eTag: 'e1', sequencer: '0A' }]);
      expect(await queue.push(list, [{ item }])).toEqual(['duplicate']);
      await queue.take(list, taking('w'));
      expect(await queue.push(list, [{ item }])).toEqual(['queued']);
    });

    test('takes a receipt with its statistics', async () => {
      const { queue, list, path } = await fresh();
      const receipt = { bucket: 'b', instrument: 'LSSTCam', obsDay: '20250609', seqNum: 578, receivedMs: 1 };
      const notice = { item: path('x.fits'), eTag: 'e1', sequencer: '0A', receipt };
      expect(await queue.push(list, [notice])).toEqual(['queued']);
      expect(await queue.push(list, [notice])).toEqual(['duplicate']);
    });

    test('an empty push and an empty list are nothing special', async () => {
      const { queue, list } = await fresh();
      expect(await queue.push(list, [])).toEqual([]);
      expect(await queue.take(list, taking('w'))).toEqual([]);
      expect(await queue.reclaim(list)).toBe(0);
      expect(await queue.deadLetters(list)).toEqual([]);
    });

    test('carries any item name whole', async () => {
      const { queue, list, path } = await fresh();
      const hostile = hostileNames.map(path);
      await queue.push(list, items(...hostile));
      expect(namesOf(await queue.take(list, taking('w', 100)))).toEqual(hostile);
      for (const item of hostile) {
        expect(await queue.finish(list, { worker: 'w', item, ending: { kind: 'done' } })).toBe(true);
      }
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 0, dead: 0 });
    });

    test('waits for the first item, not for a full batch, and wakes at once', async () => {
      const { queue, list } = await fresh();
      const other = await opened(open);
      let pushedAt = 0;
      setTimeout(async () => {
        pushedAt = performance.now();
        await other.push(list, items('a'));
      }, 300);
      const units = await queue.take(list, { ...taking('w'), waitSeconds: 20 });
      expect(namesOf(units)).toEqual(['a']);
      expect(performance.now() - pushedAt).toBeLessThan(wakeUpMs);
    });

    test('a wait ends with nothing, by time or by signal', async () => {
      const { queue, list } = await fresh();
      expect(await queue.take(list, { ...taking('w'), waitSeconds: 0.3 })).toEqual([]);
      const signal = AbortSignal.timeout(100);
      const began = performance.now();
      expect(await queue.take(list, { ...taking('w'), waitSeconds: 20, signal })).toEqual([]);
      expect(performance.now() - began).toBeLessThan(5000);
      await queue.push(list, items('a'));
      expect(namesOf(await queue.take(list, taking('w2')))).toEqual(['a']);
    });

    test('counts attempts before the work, and gives one back where the item is not to blame', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('a'));
      const attempts: number[] = [];
      for (const spend of [true, false, true, true]) {
        const [unit] = await queue.take(list, { ...taking('w'), waitSeconds: 2 });
        attempts.push(unit.attempt);
        const ending = { kind: 'release', afterSeconds: 0, spend } as const;
        expect(await queue.finish(list, { worker: 'w', item: 'a', ending })).toBe(true);
      }
      expect(attempts).toEqual([1, 2, 2, 3]);
    });

    test('hands a released item out when its time has come, and others meanwhile', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('a', 'b'));
      await queue.take(list, taking('w', 1));
      const ending = { kind: 'release', afterSeconds: 1, spend: true } as const;
      await queue.finish(list, { worker: 'w', item: 'a', ending });
      const releasedAt = performance.now();
      expect(namesOf(await queue.take(list, taking('w')))).toEqual(['b']);
      expect(await queue.take(list, { ...taking('w'), waitSeconds: 10 })).toEqual([
        { item: 'a', attempt: 2 },
      ]);
      const waited = performance.now() - releasedAt;
      expect(waited).toBeGreaterThan(950);
      expect(waited).toBeLessThan(1000 + wakeUpMs);
    });

    test('sets a dead item aside with its cause, and starts anew when it is pushed again', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('bad', 'good'));
      await queue.take(list, taking('w'));
      await queue.finish(list, {
        worker: 'w',
        item: 'bad',
        ending: { kind: 'release', afterSeconds: 0, spend: true },
      });
      await queue.take(list, { ...taking('w'), waitSeconds: 2 });
      const ending = { kind: 'dead', cause: 'no such camera' } as const;
      expect(await queue.finish(list, { worker: 'w', item: 'bad', ending })).toBe(true);
      const [letter, ...more] = await queue.deadLetters(list);
      expect(more).toEqual([]);
      expect(letter).toEqual({ item: 'bad', cause: 'no such camera', attempts: 2, atMs: expect.any(Number) });
      expect(Math.abs(letter.atMs - Date.now())).toBeLessThan(60_000);
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 1, dead: 1 });
      await queue.push(list, items('bad'));
      expect(await queue.take(list, taking('w'))).toEqual([{ item: 'bad', attempt: 1 }]);
    });

    test('sets aside what never became an item', async () => {
      const { queue, list } = await fresh();
      await queue.setAside(list, 'LSSTCam/foo.fits', 'The key names no raw.');
      expect(await queue.deadLetters(list)).toEqual([
        { item: 'LSSTCam/foo.fits', cause: 'The key names no raw.', attempts: 0, atMs: expect.any(Number) },
      ]);
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 0, dead: 1 });
    });

    test('a worker that begins anew under its old name gets what it had, with the attempt counted', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('a', 'b', 'c'));
      await queue.take(list, taking('pod-0', 2));
      const restarted = await opened(open);
      expect(await restarted.take(list, taking('pod-0'))).toEqual([
        { item: 'a', attempt: 2 },
        { item: 'b', attempt: 2 },
        { item: 'c', attempt: 1 },
      ]);
    });

    test('a live lease is not taken over, however long the work takes', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('a', 'b'));
      await queue.take(list, { ...taking('w'), leaseSeconds });
      for (let beat = 0; beat < 4; beat++) {
        await pause(leaseSeconds * 500);
        expect(await queue.extend(list, { worker: 'w', leaseSeconds })).toBe(true);
        expect(await queue.reclaim(list)).toBe(0);
      }
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 2, dead: 0 });
      expect(await queue.finish(list, { worker: 'w', item: 'b', ending: { kind: 'done' } })).toBe(true);
    });

    test('gives the items of an expired lease back to the front, and fences the one who had them', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('a', 'b', 'c', 'd'));
      await queue.take(list, { ...taking('slow', 3), leaseSeconds });
      await queue.finish(list, { worker: 'slow', item: 'b', ending: { kind: 'done' } });
      await pause(leaseSeconds * 1000 + 100);
      expect(await queue.reclaim(list)).toBe(2);
      expect(await queue.reclaim(list)).toBe(0);
      expect(await queue.take(list, taking('heir'))).toEqual([
        { item: 'a', attempt: 2 },
        { item: 'c', attempt: 2 },
        { item: 'd', attempt: 1 },
      ]);
      expect(await queue.extend(list, { worker: 'slow', leaseSeconds })).toBe(false);
      expect(await queue.finish(list, { worker: 'slow', item: 'a', ending: { kind: 'done' } })).toBe(false);
      const dead = { kind: 'dead', cause: 'late' } as const;
      expect(await queue.finish(list, { worker: 'slow', item: 'c', ending: dead })).toBe(false);
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 3, dead: 0 });
      expect(await queue.finish(list, { worker: 'heir', item: 'a', ending: { kind: 'done' } })).toBe(true);
    });

    test('finishing what one does not hold changes nothing', async () => {
      const { queue, list } = await fresh();
      await queue.push(list, items('a'));
      const done = { kind: 'done' } as const;
      expect(await queue.finish(list, { worker: 'w', item: 'a', ending: done })).toBe(false);
      await queue.take(list, taking('w'));
      expect(await queue.finish(list, { worker: 'other', item: 'a', ending: done })).toBe(false);
      expect(await queue.finish(list, { worker: 'w', item: 'b', ending: done })).toBe(false);
      expect(await queue.extend(list, { worker: 'other', leaseSeconds })).toBe(false);
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 1, dead: 0 });
      expect(await queue.finish(list, { worker: 'w', item: 'a', ending: done })).toBe(true);
      expect(await queue.finish(list, { worker: 'w', item: 'a', ending: done })).toBe(false);
    });

    test('four workers share 200 items, each item once', async () => {
      const { queue, list } = await fresh();
      const all = Array.from({ length: 200 }, (_, n) => `item ${n}`);
      await queue.push(list, items(...all));
      const work = async (worker: string) => {
        const mine = await opened(open);
        const taken: string[] = [];
        for (;;) {
          const units = await mine.take(list, taking(worker, 7));
          if (units.length === 0) return taken;
          for (const { item } of units) {
            await mine.finish(list, { worker, item, ending: { kind: 'done' } });
            taken.push(item);
          }
        }
      };
      const taken = await Promise.all(['w1', 'w2', 'w3', 'w4'].map(work));
      expect(taken.flat().sort()).toEqual([...all].sort());
      expect(await queue.depth(list)).toEqual({ waiting: 0, inHand: 0, dead: 0 });
    });
  });
}
