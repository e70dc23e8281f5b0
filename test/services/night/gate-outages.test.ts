import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { request } from '#shared/drivers/http/request.ts';
import { type CrossedVisit, crossedField } from '../../support/crossed-field.ts';
import { firstExposureMs, observe, putSatellites, putTemplate } from '../../support/decam-visit.ts';
import { expectOutcome, type Held, heldIn, holdVisit } from '../../support/gate-drill.ts';
import { openLiar } from '../../support/gate-liar.ts';
import { leaks, placesOf, sealedFiles } from '../../support/leak-search.ts';
import { type Observatory, openObservatory } from '../../support/observatory.ts';

const camera = { instrument: DECam, detectors: [0], originMs: firstExposureMs };
const field = crossedField(1);
const visits = Array.from({ length: 8 }, (_, index) => field.visit(index + 1));
const elements = visits.map((visit) => visit.elements);
const limit = { timeout: 300_000 };

async function prepare(observatory: Observatory): Promise<void> {
  await putTemplate(observatory, field.template);
  await putSatellites(observatory, { elements });
}

const gateOf = ({ gateway }: Observatory): string => `${gateway}/function/sattle-check`;

/** What may be wrong with a catalogue, and what the gate then says; digits are masked in what its client tells. */
const faults: Readonly<Record<string, { spoil(observatory: Observatory): Promise<unknown>; why: RegExp }>> = {
  'no catalogue': {
    spoil: ({ products }) => products.delete('satellites/snapshots/index.json'),
    why: /answers 503 .*Nothing can be allowed: there is no satellite catalogue/,
  },
  'a stale one': {
    spoil: (observatory) => putSatellites(observatory, { elements, hoursBefore: 26 }),
    why: /answers 503 .*the satellite catalogue nearest to the visit is .* h away/,
  },
  'an empty one': {
    spoil: (observatory) => putSatellites(observatory, { elements: [] }),
    why: /answers 503 .*Nothing can be allowed: there is no satellite catalogue/,
  },
  'one that lacks an element set': {
    async spoil(observatory) {
      await putSatellites(observatory, { elements, hoursBefore: 2 });
      const key = `satellites/snapshots/20180803-${elements.length}-2.jsonl.gz`;
      const lines = gunzipSync((await observatory.products.get(key))!).toString();
      await observatory.products.put(key, gzipSync(lines.slice(lines.indexOf('\n') + 1)));
    },
    why: /answers 503 .*element sets/,
  },
  'one whose object is missing': {
    async spoil(observatory) {
      await putSatellites(observatory, { elements, hoursBefore: 3 });
      await observatory.products.delete(`satellites/snapshots/20180803-${elements.length}-3.jsonl.gz`);
    },
    why: /answers 503 .*missing/,
  },
  'an index that is none': {
    spoil: ({ products }) => products.put('satellites/snapshots/index.json', Buffer.from('<html>')),
    why: /answers 503/,
  },
};

test('without a catalogue that is whole and fresh nothing goes out', limit, async () => {
  await using observatory = await openObservatory(camera);
  await prepare(observatory);
  const held: Held[] = [];
  for (const [index, [name, { spoil, why }]] of Object.entries(faults).entries()) {
    const startedMs = performance.now();
    await spoil(observatory);
    const mend = () => putSatellites(observatory, { elements });
    held.push(await holdVisit(observatory, visits[index]!, { why, mend }));
    await expectOutcome(observatory, field, held.slice(-1));
    console.log(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
  await expectOutcome(observatory, field, held);
});

const inUtc = 40_587 + firstExposureMs / 86_400_000;

/** Tells the gate a visit in its 30 seconds; answers the status. */
async function tell({ gateway }: Observatory, visit: bigint, beginMjd: number): Promise<number> {
  const [begin, end] = [beginMjd, beginMjd + 30 / 86_400];
  const { status } = await request('sattle', `${gateway}/function/sattle-check/visit_cache`, {
    method: 'PUT',
    body: `{"visit_id":${visit},"exposure_start_mjd":${begin},"exposure_end_mjd":${end},"boresight_ra":21,"boresight_dec":-29}`,
    timeoutMs: 10_000,
  });
  return status;
}

test('a visit that somebody told in UTC instead of TAI is noticed', limit, async () => {
  await using observatory = await openObservatory(camera);
  await prepare(observatory);
  const [visit] = visits as [CrossedVisit];
  expect(await tell(observatory, visit.visit, inUtc)).toBe(200);
  const held = await holdVisit(observatory, visit, {
    why: /answers 400 .*told before/,
    mend: () => observatory.products.delete(`satellites/visits/${visit.visit}.json`),
  });
  await expectOutcome(observatory, field, [held]);
});

test('one who tells a visit in UTC after it was told in TAI changes nothing', limit, async () => {
  await using liar = await openLiar(() => gateOf(observatory));
  await using observatory = await openObservatory({
    ...camera,
    environment: () => ({ SATTLE_URI_BASE: liar.url }),
  });
  await prepare(observatory);
  const [visit] = visits as [CrossedVisit];
  liar.tell((_, __, reply) => void reply.destroy());
  const held = await holdVisit(observatory, visit, { why: /does not answer/, mend: () => undefined });
  expect(await tell(observatory, visit.visit, inUtc)).toBe(400);
  liar.tell();
  await expectOutcome(observatory, field, [held]);
});

test('what the gate owes for too long is withheld for good, and erased', limit, async () => {
  await using liar = await openLiar(() => 'http://127.0.0.1:9');
  await using observatory = await openObservatory({
    ...camera,
    environment: () => ({ SATTLE_URI_BASE: liar.url, GATE_PENDING_MAX: '4' }),
  });
  await prepare(observatory);
  const before = await placesOf(observatory);
  await observe(observatory, visits[0]!);
  await observatory.heldTimes(1);
  const held = await heldIn(observatory, visits[0]!);
  const account = await observatory.until('The visit is withheld', 60, async () =>
    (await observatory.accounts()).find(({ steps }) => steps.withheld),
  );
  expect(account.steps.withheld?.cause).toBe('the gate did not answer within 4 s');
  expect(sealedFiles(observatory.data)).toEqual([]);
  const { published, written, deadLetters, claims } = await observatory.settled(30);
  expect({ published, written, deadLetters }).toEqual({ published: [], written: [], deadLetters: [] });
  expect(claims.map(({ state }) => state)).toEqual(['withheld']);
  expect(leaks(await placesOf(observatory), [...held.onPath, ...held.offPath], before)).toEqual([]);
});

test('of visits that waited for the gate each associates after those before it', limit, async () => {
  await using liar = await openLiar(() => gateOf(observatory));
  await using observatory = await openObservatory({
    ...camera,
    workers: 3,
    environment: () => ({ SATTLE_URI_BASE: liar.url, ASSOCIATION_WAIT: '10' }),
  });
  await prepare(observatory);
  const three = visits.slice(0, 3);
  const late = new Set(three.map(({ visit }) => String(visit)));
  liar.tell((answer, { body }, reply) => {
    const [, visit] = /"visit_id":\s*(\d+)/.exec(body) ?? [];
    if (late.has(visit!)) reply.writeHead(503).end('not yet');
    else reply.writeHead(200).end(answer.body);
  });
  for (const visit of three) await observe(observatory, visit);
  const isAt = async (state: 'measured' | 'gated', count: number) =>
    (await observatory.accounts()).filter(({ steps }) => steps[state]).length >= count;
  await observatory.until('All are measured', 60, () => isAt('measured', 3));
  const held = await Promise.all(three.map((visit) => heldIn(observatory, visit)));
  // The last one is answered first.
  for (const [index, { visit }] of three.toReversed().entries()) {
    late.delete(String(visit));
    await observatory.until(`The gate has answered ${index + 1}`, 90, () => isAt('gated', index + 1));
  }
  await expectOutcome(observatory, field, held);
  expect(await timesOutOfOrder(observatory)).toEqual([0, 0, 0]);
  await expectHistories(
    observatory,
    three.map(({ visit }) => visit),
  );
});

const timesOutOfOrder = async (observatory: Observatory): Promise<(number | undefined)[]> =>
  (await observatory.accounts()).map(({ steps }) => steps.written?.counts?.outOfOrder);

/** An object is of the earliest visit, and each alert carries all earlier sources of it, in their order. */
async function expectHistories(observatory: Observatory, inOrder: readonly bigint[]): Promise<void> {
  const alerts = await observatory.alerts();
  for (const { diaSource, diaObject, prvDiaSources } of alerts) {
    const before = inOrder.slice(0, inOrder.indexOf(diaSource.visit));
    expect((prvDiaSources ?? []).map(({ visit }) => visit)).toEqual(before);
    const first = [...(prvDiaSources ?? []), diaSource][0]!;
    expect(diaObject?.diaObjectId).toBe(first.diaSourceId);
    expect(first.visit).toBe(inOrder[0]);
    expect(diaObject?.nDiaSources).toBe(before.length + 1);
  }
}
