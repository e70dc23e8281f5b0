import { Fault } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import { sealedKey } from '../../../functions/process-detector/measured.ts';
import { gate } from '../../../functions/process-detector/phases/gate.ts';
import { keepSealed, measuredOf as sealedOf } from '../../../functions/process-detector/sealed.ts';
import { reply, testServer } from '../../drivers/http/server.ts';
import { filesHolding } from '../../support/find-numbers.ts';
import {
  announced,
  factsAfter,
  faultOf,
  measuredFacts,
  measuredOf,
  numbersOf,
  openRoom,
  sourceOf,
} from './room.ts';

const sources = Array.from({ length: 6 }, (_, n) => sourceOf(n + 1, n === 5 ? { trailLength: 20 } : {}));

/** Allows the sources with these counters, as the original answers. */
const gateThatAllows = (...counters: number[]) =>
  testServer((response, { body }) => {
    const [, visit, detector] = /"visit_id":(\d+),"detector_id":(\d+)/.exec(body) ?? [];
    const ids = counters.map((counter) => sourceOf(counter).diaSourceId);
    reply(response, 200, `{"visit_id":${visit},"detector_id":${detector},"allow_list":[${ids}]}`);
  });
const failingGate = () => testServer((response) => reply(response, 503, 'Nothing can be allowed.'));

describe('the gate’s phase', () => {
  test('keeps what was allowed, and of the rest its number, in every place that it writes to', async () => {
    const { url } = await gateThatAllows(1, 3, 6);
    const { room, lines, data } = await openRoom(url);
    const facts = await measuredFacts(room, measuredOf(sources));
    const after = await factsAfter(gate, facts, room);
    const [kept, removed] = [[sources[0]!, sources[2]!], [1, 3, 4, 5].map((n) => sources[n]!)];
    expect(after.measured?.sources).toEqual(kept);
    expect(after.measured?.removed).toEqual({ satellites: 3, trails: 1, unreliable: 0 });
    expect(after.claim?.state).toBe('gated');
    // What a later worker reads is the same.
    const { measured: _, ...resumed } = after;
    expect(await sealedOf(resumed, room)).toEqual(after.measured);
    // All that is written so far is sealed, or counts.
    expect(filesHolding(data, sources.flatMap(numbersOf))).toEqual([]);
    const told = JSON.stringify(after, (_, value) => (typeof value === 'bigint' ? String(value) : value));
    const isTold = (number: number | bigint) => told.includes(String(number));
    expect(kept.flatMap(numbersOf).filter((number) => !isTold(number))).toEqual([]);
    expect(removed.flatMap(numbersOf).filter(isTold)).toEqual([]);
    expect(sources.flatMap(numbersOf).filter((number) => lines.join().includes(String(number)))).toEqual([]);
  });

  test('asks as a night is asked for, or a past one', async () => {
    const server = await gateThatAllows(1);
    const { room } = await openRoom(server.url);
    await factsAfter(gate, await measuredFacts(room, measuredOf(sources)), room);
    const past = { ...room, config: { ...room.config, SATTLE_HISTORICAL: true } };
    await factsAfter(gate, await measuredFacts(room, measuredOf(sources), 2), past);
    const lists = server.received.filter(({ url }) => url === '/diasource_allow_list');
    expect(lists.map(({ body }) => /"historical":(\w+)/.exec(body)?.[1])).toEqual(['false', 'true']);
  });

  test('asks nobody about nothing', async () => {
    const server = await gateThatAllows();
    const { room } = await openRoom(server.url);
    const after = await factsAfter(gate, await measuredFacts(room, measuredOf([])), room);
    expect(after.measured?.removed).toEqual({ satellites: 0, trails: 0, unreliable: 0 });
    expect(server.received).toEqual([]);
  });

  test('holds the unit where the gate fails: nothing leaves, the work stays sealed, the failure is counted', async () => {
    const { url } = await failingGate();
    const { room, lines, data } = await openRoom(url);
    const facts = await measuredFacts(room, measuredOf(sources));
    const { message } = await faultOf(gate, facts, room);
    await faultOf(gate, facts, room);
    expect((await sealedOf(facts, room)).sources).toEqual(sources);
    expect((await room.ports.sources.findClaim(facts.claim!.visit, 4))?.state).toBe('measured');
    expect(filesHolding(data, sources.flatMap(numbersOf))).toEqual([]);
    for (const number of sources.flatMap(numbersOf))
      expect(message + lines.join()).not.toContain(String(number));
    // Each time the gate is asked twice.
    expect(await room.metrics.metrics()).toContain(
      'nightshift_gate_client_failures_total{reason="failing"} 4',
    );
  });

  test('withholds for good what the gate has owed for longer than GATE_PENDING_MAX', async () => {
    const { url } = await failingGate();
    const { room } = await openRoom(url, { GATE_PENDING_MAX: '3600' });
    const young = await measuredFacts(room, measuredOf(sources, Date.now() - 3500_000), 1);
    await faultOf(gate, young, room);
    const old = await measuredFacts(room, measuredOf(sources, Date.now() - 3700_000), 2);
    expect(await gate(old, room)).toEqual({ kind: 'done' });
    expect((await room.ports.sources.findClaim(old.claim!.visit, 4))?.state).toBe('withheld');
    const sealed = await Array.fromAsync(room.ports.products.list('sealed/'));
    expect(sealed.map(({ key }) => key)).toEqual([sealedKey(young.claim!, 1)]);
  });

  test('withholds nothing because the process is stopped', async () => {
    const server = await testServer(() => {});
    const { room } = await openRoom(server.url, { GATE_PENDING_MAX: '0' });
    const facts = await measuredFacts(room, measuredOf(sources, Date.now() - 1000));
    const stop = new AbortController();
    const reason = new Fault('NS_STOPPED', 'The process was told to stop.');
    setTimeout(() => stop.abort(reason), 50);
    await expect(gate(facts, { ...room, signal: stop.signal })).rejects.toBe(reason);
    expect((await sealedOf(facts, room)).sources).toEqual(sources);
  });

  test('erases what attempts that died before it have left sealed', async () => {
    const { url } = await gateThatAllows(1);
    const { room } = await openRoom(url);
    const first = await announced(room, 1, 'claimed');
    await keepSealed(first, room, measuredOf(sources));
    // The first attempt was killed before it could say so; the second measures, the third asks the gate.
    const again = { visit: first.claim!.visit, detector: 4, slot: first.slotText, owner: 'b', changedMs: 1 };
    const second = { ...first, claim: await room.ports.sources.claim(again) };
    await keepSealed(second, room, measuredOf(sources));
    await room.ports.sources.advance(second.claim, 'measured', 1);
    const third = { ...first, claim: await room.ports.sources.claim(again) };
    expect(third.claim).toMatchObject({ attempt: 3, measuredAttempt: 2 });
    await factsAfter(gate, third, room);
    const sealed = await Array.fromAsync(room.ports.products.list('sealed/'));
    expect(sealed.map(({ key }) => key)).toEqual([sealedKey(third.claim, 2)]);
  });

  test('notes who stood behind the gate before it: earlier visits of its sky that are measured', async () => {
    const { url } = await gateThatAllows(1);
    const { room } = await openRoom(url);
    const states = [undefined, 'claimed', 'measured', 'gated', 'written', 'withheld'] as const;
    const slots = await Promise.all(states.map((state, n) => announced(room, n + 1, state)));
    const facts = await measuredFacts(room, measuredOf(sources), 7);
    await announced(room, 8, 'measured');
    const { measured } = await factsAfter(gate, facts, room);
    expect(measured?.answered?.before).toEqual([slots[2]!.slotText, slots[3]!.slotText]);
    expect(measured?.answered?.atMs).toBeGreaterThan(Date.now() - 10_000);
  });
});
