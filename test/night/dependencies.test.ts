import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DECam } from '#shared/domain/ids/instruments/DECam.ts';
import { sidecarKey } from '#shared/domain/ids/object-key.ts';
import { checkNight } from '#shared/domain/ledger/check.ts';
import {
  decamVisit,
  firstExposureMs,
  nextVisitRecord,
  observe,
  putSatellites,
  putTemplate,
} from '../support/decam-visit.ts';
import { filesHolding } from '../support/find-numbers.ts';
import { testFolder } from '../support/folders.ts';
import { temporaryFolder } from '../support/night.ts';
import { type Observatory, openObservatory } from '../support/observatory.ts';
import { openProxy } from '../support/proxy.ts';
import { syntheticField } from '../support/synthetic-field.ts';

const field = syntheticField(1);
const camera = { instrument: DECam, detectors: [0], originMs: firstExposureMs };
const limit = { timeout: 100_000 };

const portOf = ({ gateway }: Observatory): number => Number(new URL(gateway).port);

async function prepare(observatory: Observatory): Promise<void> {
  await putSatellites(observatory);
  await putTemplate(observatory, field.template);
}

/** All that arrived became alerts, each once, and nothing was set aside. */
async function expectWhole(observatory: Observatory, arrived: number): Promise<void> {
  const { counts, differences } = checkNight(await observatory.settled(60));
  expect(differences).toEqual([]);
  expect(counts).toMatchObject({
    arrived,
    processed: arrived,
    alerts: 4 * arrived,
    archived: 4 * arrived,
    lost: 0,
  });
  expect(observatory.holds().filter(({ attempt }) => attempt !== 1)).toEqual([]);
}

test(
  'while the gate does not answer nothing about a source leaves, and the work waits for it',
  limit,
  async () => {
    await using gate = await openProxy();
    await using observatory = await openObservatory({
      ...camera,
      environment: () => ({ SATTLE_URI_BASE: `http://${gate.address}/function/sattle-check` }),
    });
    await prepare(observatory);
    for (const number of [1, 2]) await observe(observatory, decamVisit(number, field.science));
    await observatory.heldTimes(3);
    expect(observatory.holds()[0]!.why).toContain(`sattle at http://${gate.address} does not answer`);
    const before = join(testFolder(), 'while-held');
    cpSync(observatory.data, before, { recursive: true });
    writeFileSync(join(before, 'log'), observatory.log());
    const { published, written, claims, deadLetters } = await observatory.evidence();
    expect({ published, written, deadLetters }).toEqual({ published: [], written: [], deadLetters: [] });
    expect(claims.map(({ state }) => state)).toContain('measured');

    gate.open(portOf(observatory));
    await expectWhole(observatory, 2);
    const sources = (await observatory.alerts()).map(({ diaSource }) => diaSource);
    const telling = sources.flatMap(({ ra, dec, psfFlux, diaSourceId }) => [ra, dec, psfFlux!, diaSourceId]);
    // The same search finds them afterwards, so it would have found them before.
    expect(filesHolding(observatory.data, telling)).not.toEqual([]);
    expect(filesHolding(before, telling)).toEqual([]);
  },
);

test(
  'without presence a worker finds its raw by the bucket’s own topic, and does not hammer at the door',
  limit,
  async () => {
    await using presence = await openProxy();
    await using observatory = await openObservatory({
      ...camera,
      environment: () => ({ RAW_MICROSERVICE: `http://${presence.address}/function/presence/presence` }),
    });
    await prepare(observatory);
    const visit = decamVisit(1, field.science);
    await observatory.announce(nextVisitRecord(visit.announcement));
    await observatory.until('The worker asks presence', 20, async () => presence.asked > 0);
    await sleep(3000);
    expect(presence.asked).toBeLessThan(10);
    await observatory.raws.put(sidecarKey(visit.key), Buffer.from(JSON.stringify(visit.sidecar)));
    await observatory.raws.put(visit.key, visit.fits);
    await expectWhole(observatory, 1);
  },
);

/** A superuser reads everything, whatever its mode; as a user of no name the same process does not. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

test('while the raw bucket cannot be read the work is held, and goes on afterwards', limit, async () => {
  if (isRoot) process.seteuid?.(nobody);
  try {
    await using observatory = await openObservatory(camera);
    await prepare(observatory);
    const visit = decamVisit(1, field.science);
    await observatory.raws.put(sidecarKey(visit.key), Buffer.from(JSON.stringify(visit.sidecar)));
    await observatory.raws.put(visit.key, visit.fits);
    await observatory.until('The raw is ingested', 20, async () =>
      (await observatory.accounts()).some(({ steps }) => steps.arrived),
    );
    const bucket = join(observatory.data, 'objects', 'raw');
    chmodSync(bucket, 0);
    try {
      await observatory.announce(nextVisitRecord(visit.announcement));
      await observatory.heldTimes(2);
      expect(observatory.holds()[0]!.why).toContain('check owner, mode and mount');
    } finally {
      chmodSync(bucket, 0o755);
    }
    await expectWhole(observatory, 1);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

/** Not every superuser may mount, in a container for example. */
function mayMount(): boolean {
  using folder = temporaryFolder();
  if (spawnSync('mount', ['-t', 'tmpfs', 'none', folder.path]).status !== 0) return false;
  execFileSync('umount', [folder.path]);
  return true;
}

test.skipIf(!mayMount())(
  'a full disk holds the work, and nothing is lost when there is room again',
  limit,
  async () => {
    const data = join(testFolder(), 'night');
    const objects = join(data, 'objects');
    mkdirSync(objects, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'none', objects]);
    try {
      await using observatory = await openObservatory({ ...camera, data });
      await prepare(observatory);
      const visits = [1, 2].map((number) => decamVisit(number, field.science));
      for (const { key, sidecar, fits } of visits) {
        await observatory.raws.put(sidecarKey(key), Buffer.from(JSON.stringify(sidecar)));
        await observatory.raws.put(key, fits);
      }
      const filler = join(objects, 'filler');
      const { bavail, bsize } = statfsSync(objects);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - 100_000));
      for (const { announcement } of visits) await observatory.announce(nextVisitRecord(announcement));
      await observatory.heldTimes(3);
      expect(observatory.holds()[0]!.why).toContain('the disk or quota is full; free space on it (ENOSPC)');
      rmSync(filler);
      await expectWhole(observatory, 2);
    } finally {
      execFileSync('umount', [objects]);
    }
  },
);
