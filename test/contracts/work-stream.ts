import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { parseSlot } from '#shared/domain/ids/slot.ts';
import type { WorkStream } from '#shared/ports/work-stream.ts';
import { hostileNames, leaseSeconds, type Open, opened, wakeUpMs } from './suite.ts';

const group = 'simcam_consumer_group';
const appending = { group, dedupeSeconds: 60 };
const taking = (consumer: string, limit = 10) => ({
  group,
  consumer,
  limit,
  leaseSeconds: 30,
  waitSeconds: 0,
});
/** An entry whose fields name its slot, as the fan-out's do: a Redis stream carries them and nothing else. */
const entry = (item: string) => {
  const { instrument, group: groupId, detector } = parseSlot(item);
  return { item, fields: { instrument, groupId, detector: String(detector) } };
};
const itemsOf = (units: readonly { item: string }[]) => units.map((unit) => unit.item);
const done = { kind: 'done' } as const;

/** What every work-stream does, whatever it stands on. */
export function workStreamContract(name: string, open: Open<WorkStream>): void {
  /** A stream of this test's own, so that tests may share a store; slots too, since their receipts may be shared. */
  async function fresh() {
    const id = randomUUID();
    return {
      work: await opened(open),
      stream: `instrument:test-${id}`,
      slot: (detector: number, text = '') => `SimCam/${id}${encodeURIComponent(text)}/${detector}`,
    };
  }

  describe(`work-stream on ${name}`, () => {
    test('hands entries out oldest first, with their fields in order', async () => {
      const { work, stream, slot } = await fresh();
      const entries = [0, 1, 2].map((detector) => entry(slot(detector)));
      expect(await work.appendAll(stream, entries, appending)).toEqual({ appended: 3, duplicates: 0 });
      const units = await work.take(stream, taking('c', 2));
      expect(itemsOf(units)).toEqual([slot(0), slot(1)]);
      expect(units.map((unit) => unit.attempt)).toEqual([1, 1]);
      expect(Object.entries(units[0].fields)).toEqual(Object.entries(entries[0].fields));
      expect(itemsOf(await work.take(stream, taking('c')))).toEqual([slot(2)]);
      expect(await work.take(stream, taking('c'))).toEqual([]);
    });

    test('whoever comes first makes the group, and it begins at the oldest entry', async () => {
      const { work, stream, slot } = await fresh();
      expect(await work.take(stream, taking('c'))).toEqual([]);
      expect(await work.depth(stream, group)).toEqual({ waiting: 0, inHand: 0, dead: 0 });
      expect(await work.reclaim(stream, { group })).toBe(0);
      expect(await work.unfinished(stream, group)).toEqual([]);
      expect(await work.deadLetters(stream)).toEqual([]);
      await work.appendAll(stream, [entry(slot(0))], appending);
      expect(itemsOf(await work.take(stream, taking('c')))).toEqual([slot(0)]);
    });

    test('a slot is appended once within its time, also within one call and after it is done', async () => {
      const { work, stream, slot } = await fresh();
      const twice = [entry(slot(0)), entry(slot(0)), entry(slot(1))];
      expect(await work.appendAll(stream, twice, appending)).toEqual({ appended: 2, duplicates: 1 });
      for (const { id } of await work.take(stream, taking('c'))) {
        expect(await work.finish(stream, { group, consumer: 'c', id, ending: done })).toBe(true);
      }
      const again = [entry(slot(1)), entry(slot(2))];
      expect(await work.appendAll(stream, again, appending)).toEqual({ appended: 1, duplicates: 1 });
      expect(itemsOf(await work.take(stream, taking('c')))).toEqual([slot(2)]);
    });

    test('after that time a slot is appended again', async () => {
      const { work, stream, slot } = await fresh();
      const short = { group, dedupeSeconds: 1 };
      expect(await work.appendAll(stream, [entry(slot(0))], short)).toEqual({ appended: 1, duplicates: 0 });
      expect(await work.appendAll(stream, [entry(slot(0))], short)).toEqual({ appended: 0, duplicates: 1 });
      await pause(1100);
      expect(await work.appendAll(stream, [entry(slot(0))], short)).toEqual({ appended: 1, duplicates: 0 });
    });

    test('carries any slot and field whole', async () => {
      const { work, stream, slot } = await fresh();
      const entries = hostileNames.map((text) => ({
        item: slot(4, text),
        fields: { ...entry(slot(4, text)).fields, empty: '', [text]: 'name' },
      }));
      await work.appendAll(stream, entries, appending);
      const units = await work.take(stream, taking('c', 100));
      expect(units.map(({ item, fields }) => ({ item, fields }))).toEqual(entries);
    });

    test('waits for the first entry and wakes at once', async () => {
      const { work, stream, slot } = await fresh();
      const other = await opened(open);
      let appendedAt = 0;
      setTimeout(async () => {
        appendedAt = performance.now();
        await other.appendAll(stream, [entry(slot(0))], appending);
      }, 300);
      const units = await work.take(stream, { ...taking('c'), waitSeconds: 20 });
      expect(itemsOf(units)).toEqual([slot(0)]);
      expect(performance.now() - appendedAt).toBeLessThan(wakeUpMs);
    });

    test('a wait ends with nothing, by time or by signal', async () => {
      const { work, stream } = await fresh();
      expect(await work.take(stream, { ...taking('c'), waitSeconds: 0.3 })).toEqual([]);
      const signal = AbortSignal.timeout(100);
      const began = performance.now();
      expect(await work.take(stream, { ...taking('c'), waitSeconds: 20, signal })).toEqual([]);
      expect(performance.now() - began).toBeLessThan(5000);
    });

    test('counts attempts by slot before the work, and gives one back where the slot is not to blame', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(stream, [entry(slot(0))], appending);
      const attempts: number[] = [];
      for (const spend of [true, false, true, true]) {
        const [unit] = await work.take(stream, { ...taking('c'), waitSeconds: 2 });
        attempts.push(unit.attempt);
        const ending = { kind: 'release', afterSeconds: 0, spend } as const;
        expect(await work.finish(stream, { group, consumer: 'c', id: unit.id, ending })).toBe(true);
      }
      expect(attempts).toEqual([1, 2, 2, 3]);
    });

    test('hands a released entry out when its time has come, and others meanwhile', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(stream, [entry(slot(0)), entry(slot(1))], appending);
      const [unit] = await work.take(stream, taking('c', 1));
      const ending = { kind: 'release', afterSeconds: 1, spend: true } as const;
      await work.finish(stream, { group, consumer: 'c', id: unit.id, ending });
      const releasedAt = performance.now();
      expect(itemsOf(await work.take(stream, taking('c')))).toEqual([slot(1)]);
      const [back] = await work.take(stream, { ...taking('c2'), waitSeconds: 10 });
      const waited = performance.now() - releasedAt;
      expect(back).toMatchObject({ item: slot(0), attempt: 2, fields: unit.fields });
      expect(waited).toBeGreaterThan(950);
      expect(waited).toBeLessThan(1000 + wakeUpMs);
    });

    test('sets a dead entry aside with its cause', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(stream, [entry(slot(0)), entry(slot(1))], appending);
      const [bad, good] = await work.take(stream, taking('c'));
      const ending = { kind: 'dead', cause: 'no template' } as const;
      expect(await work.finish(stream, { group, consumer: 'c', id: bad.id, ending })).toBe(true);
      const letters = await work.deadLetters(stream);
      expect(letters).toEqual([
        { item: slot(0), cause: 'no template', attempts: 1, atMs: expect.any(Number) },
      ]);
      expect(Math.abs(letters[0].atMs - Date.now())).toBeLessThan(60_000);
      expect(await work.depth(stream, group)).toEqual({ waiting: 0, inHand: 1, dead: 1 });
      expect(itemsOf(await work.unfinished(stream, group))).toEqual([good.item]);
    });

    test('a live lease is not taken over, and each entry has its own', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(stream, [entry(slot(0)), entry(slot(1))], appending);
      const [kept, lost] = await work.take(stream, { ...taking('c'), leaseSeconds });
      for (let beat = 0; beat < 4; beat++) {
        await pause(leaseSeconds * 500);
        expect(await work.extend(stream, { group, consumer: 'c', id: kept.id, leaseSeconds })).toBe(true);
      }
      expect(await work.reclaim(stream, { group })).toBe(1);
      expect(itemsOf(await work.take(stream, taking('heir')))).toEqual([lost.item]);
      expect(await work.finish(stream, { group, consumer: 'c', id: kept.id, ending: done })).toBe(true);
    });

    test('puts an expired entry back as waiting work, and fences the one who had it', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(stream, [entry(slot(0))], appending);
      const [stale] = await work.take(stream, { ...taking('slow'), leaseSeconds });
      await pause(leaseSeconds * 1000 + 100);
      expect(await work.reclaim(stream, { group })).toBe(1);
      expect(await work.reclaim(stream, { group })).toBe(0);
      expect(await work.depth(stream, group)).toEqual({ waiting: 1, inHand: 0, dead: 0 });
      const mine = { group, consumer: 'slow', id: stale.id };
      expect(await work.extend(stream, { ...mine, leaseSeconds })).toBe(false);
      const [taken] = await work.take(stream, taking('slow'));
      expect(taken).toMatchObject({ item: slot(0), attempt: 2, fields: stale.fields });
      // Even under the same name: what counts is the entry that was handed out.
      expect(await work.finish(stream, { ...mine, ending: done })).toBe(false);
      expect(await work.finish(stream, { ...mine, id: taken.id, ending: done })).toBe(true);
      expect(await work.unfinished(stream, group)).toEqual([]);
    });

    test('another consumer cannot end or extend an entry', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(stream, [entry(slot(0))], appending);
      const [{ id }] = await work.take(stream, taking('c'));
      expect(await work.extend(stream, { group, consumer: 'other', id, leaseSeconds })).toBe(false);
      expect(await work.finish(stream, { group, consumer: 'other', id, ending: done })).toBe(false);
      expect(await work.depth(stream, group)).toEqual({ waiting: 0, inHand: 1, dead: 0 });
      expect(await work.finish(stream, { group, consumer: 'c', id, ending: done })).toBe(true);
      expect(await work.finish(stream, { group, consumer: 'c', id, ending: done })).toBe(false);
    });

    test('lists what is still to come: waiting, in hand and released, oldest first', async () => {
      const { work, stream, slot } = await fresh();
      await work.appendAll(
        stream,
        [0, 1, 2, 3].map((detector) => entry(slot(detector))),
        appending,
      );
      const [first, second] = await work.take(stream, taking('c', 2));
      await work.finish(stream, { group, consumer: 'c', id: first.id, ending: done });
      const ending = { kind: 'release', afterSeconds: 30, spend: false } as const;
      await work.finish(stream, { group, consumer: 'c', id: second.id, ending });
      await work.take(stream, taking('c', 1));
      const unfinished = await work.unfinished(stream, group);
      expect(itemsOf(unfinished).sort()).toEqual([slot(1), slot(2), slot(3)]);
      expect(unfinished.map((unit) => unit.fields.detector).sort()).toEqual(['1', '2', '3']);
    });

    test('four consumers share 200 entries, each entry once', async () => {
      const { work, stream, slot } = await fresh();
      const all = Array.from({ length: 200 }, (_, detector) => slot(detector));
      await work.appendAll(stream, all.map(entry), appending);
      const consume = async (consumer: string) => {
        const mine = await opened(open);
        const taken: string[] = [];
        for (;;) {
          const units = await mine.take(stream, taking(consumer, 7));
          if (units.length === 0) return taken;
          for (const { id, item } of units) {
            expect(await mine.finish(stream, { group, consumer, id, ending: done })).toBe(true);
            taken.push(item);
          }
        }
      };
      const taken = await Promise.all(['c1', 'c2', 'c3', 'c4'].map(consume));
      expect(taken.flat().sort()).toEqual([...all].sort());
    });

    test('two fan-outs of one group at the same time append each slot once', async () => {
      const { work, stream, slot } = await fresh();
      const other = await opened(open);
      const entries = Array.from({ length: 189 }, (_, detector) => entry(slot(detector)));
      const [one, two] = await Promise.all([
        work.appendAll(stream, entries, appending),
        other.appendAll(stream, entries, appending),
      ]);
      expect([one.appended, two.appended].sort((a, b) => a - b)).toEqual([0, 189]);
      expect(await work.depth(stream, group)).toEqual({ waiting: 189, inHand: 0, dead: 0 });
    });
  });
}
