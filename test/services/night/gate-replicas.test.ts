import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { writeNight } from '../../../cli/supervisor/night-file.ts';
import { freePort } from '../../../cli/supervisor/supervise.ts';
import { crossedField, crossing } from '../../support/crossed-field.ts';
import { firstExposureMs, observe, putSatellites, putTemplate } from '../../support/decam-visit.ts';
import { testFolder } from '../../support/folders.ts';
import { expectOutcome, type Held, heldIn, holdVisit } from '../../support/gate-drill.ts';
import { noticeable, openLiar } from '../../support/gate-liar.ts';
import { gateReplica } from '../../support/gate-replicas.ts';
import { leaks, placesOf, sealedFiles } from '../../support/leak-search.ts';
import { type Observatory, openObservatory } from '../../support/observatory.ts';

const camera = { instrument: DECam, detectors: [0], originMs: firstExposureMs };
const field = crossedField(1);
const visits = Array.from({ length: 4 }, (_, index) => field.visit(index + 1));
const elements = visits.map((visit) => visit.elements);
const limit = { timeout: 300_000 };
const gateOf = ({ gateway }: Observatory): string => `${gateway}/function/sattle-check`;

async function prepare(observatory: Observatory): Promise<void> {
  await putTemplate(observatory, field.template);
  await putSatellites(observatory, { elements });
}

describe('of two replicas', () => {
  test('one answers while the other is down or slow; without both the work waits', limit, async () => {
    await using first = await openLiar(() => gateOf(observatory));
    await using second = await openLiar(() => gateOf(observatory));
    await using observatory = await openObservatory({
      ...camera,
      environment: () => ({ SATTLE_URI_BASE: `${first.url} ${second.url}` }),
    });
    await prepare(observatory);
    const isDown = noticeable['a connection cut within the answer']!.lie;
    // The visits begin with one and with the other.
    for (const [index, lie] of [isDown, noticeable['no answer within 5 s']!.lie].entries()) {
      const liar = [first, second][(index + 1) % 2]!;
      liar.tell(lie);
      await observe(observatory, visits[index]!);
      await observatory.settled(60);
      expect(liar.asked).toBeGreaterThan(0);
      liar.tell();
    }
    expect(observatory.holds()).toEqual([]);
    for (const liar of [first, second]) liar.tell(isDown);
    const mend = () => second.tell();
    const held = await holdVisit(observatory, visits[2]!, { why: /does not answer/, mend });
    await expectOutcome(observatory, field, [held]);
    expect(await observatory.packets()).toHaveLength(9);
  });

  test('with different catalogues each answer is by one of them, whole', limit, async () => {
    const data = testFolder();
    const places = field.planted.filter(({ onPath }) => !onPath);
    const more = [1, 2, 3, 4].map((seqNum) => crossing(seqNum, places[1]!, 60_000));
    await using products = await storeOf(data);
    await putSatellites({ products: products.store }, { elements: [...elements, ...more] });
    await using replica = gateReplica(data, await freePort());
    await replica.ready();
    await using observatory = await openObservatory({
      ...camera,
      environment: (gateway) => ({
        SATTLE_URI_BASE: `${gateway}/function/sattle-check http://127.0.0.1:${replica.port}`,
      }),
    });
    await prepare(observatory);
    for (const visit of visits) await observe(observatory, visit);
    await observatory.settled(90);
    const alerts = await observatory.alerts();
    const times = visits.map((each) => alerts.filter((alert) => alert.diaSource.visit === each.visit).length);
    // By the one all three off the first path go out, by the other none.
    expect(times.toSorted()).toEqual([0, 0, 3, 3]);
    const near = alerts.filter(({ diaSource: { visit, ra, dec } }) =>
      visits.some((each) => each.visit === visit && each.fromPath(ra, dec) < 36),
    );
    expect(near).toEqual([]);
  });
});

/** The bucket of a replica that has one of its own. */
async function storeOf(data: string) {
  const store = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  return { store, [Symbol.asyncDispose]: () => store.close() };
}

test.each([
  ['a day ahead', 86_400_000],
  ['an hour behind', -3_600_000],
])('a replica whose clock is %s answers as it should', limit, async (_, offMs) => {
  const data = testFolder();
  await using liar = await openLiar(() => `http://127.0.0.1:${replica.port}`);
  await using observatory = await openObservatory({
    ...camera,
    environment: () => ({ SATTLE_URI_BASE: liar.url }),
  });
  await prepare(observatory);
  mkdirSync(join(data, 'objects'));
  symlinkSync(join(observatory.data, 'objects/products'), join(data, 'objects/products'));
  const night = { camera: 'DECam', seed: 0, originMs: firstExposureMs + offMs, atMs: Date.now(), speed: 1 };
  writeNight(data, night);
  await using replica = gateReplica(data, await freePort());
  await replica.ready();
  let held: Held | undefined;
  liar.tell(async (_answer, _question, reply) => {
    held ??= await heldIn(observatory, visits[0]!);
    reply.destroy();
    liar.tell();
  });
  await observe(observatory, visits[0]!);
  await observatory.settled(90);
  await expectOutcome(observatory, field, [held!]);
});

describe('killed while the gate is asked', () => {
  const killed = (role: 'services' | 'process-detector') =>
    test(`${role}: nothing is lost, doubled or told`, limit, async () => {
      await using liar = await openLiar(() => gateOf(observatory));
      await using observatory = await openObservatory({
        ...camera,
        environment: () => ({ SATTLE_URI_BASE: liar.url, LEASE_SECONDS: '5' }),
      });
      await prepare(observatory);
      let held: Held | undefined;
      liar.tell(async (_answer, _question, reply) => {
        liar.tell();
        held = await heldIn(observatory, visits[0]!);
        observatory.kill(role);
        reply.destroy();
      });
      await observe(observatory, visits[0]!);
      await observatory.until('The gate is asked', 60, async () => held);
      await expectOutcome(observatory, field, [held!]);
      expect(observatory.log()).toContain('child died, starts again');
    });
  killed('services');
  killed('process-detector');

  test(
    'process-detector, between sealing and saying so: what the dead one sealed is erased',
    limit,
    async () => {
      await using observatory = await openObservatory({
        ...camera,
        environment: () => ({ LEASE_SECONDS: '5' }),
      });
      await prepare(observatory);
      await observe(observatory, visits[0]!);
      await observatory.until('The visit is claimed', 60, async () =>
        (await observatory.accounts()).some(({ steps }) => steps.claimed),
      );
      const rows = new DatabaseSync(join(observatory.data, 'apdb.sqlite'));
      rows.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE');
      await observatory.until('It is sealed', 60, async () => sealedFiles(observatory.data).length > 0);
      const held = await heldIn(observatory, visits[0]!);
      observatory.kill('process-detector');
      rows.exec('ROLLBACK');
      rows.close();
      expect((await observatory.evidence()).claims.map(({ state }) => state)).toEqual(['claimed']);
      await expectOutcome(observatory, field, [held]);
      const accounts = await observatory.accounts();
      expect(accounts.map(({ steps }) => steps.gated?.attempt)).toEqual([2]);
      expect(leaks(await placesOf(observatory), held.onPath)).toEqual([]);
    },
  );
});
