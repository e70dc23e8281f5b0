import { appendFileSync, cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { Fault } from 'openfaas-sdk-ts';
import { beforeAll, describe, expect, it } from 'vitest';
import { unframe } from '#shared/domain/alert/wire.ts';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { detectorByNumber } from '#shared/domain/ids/instruments.ts';
import { parseObjectPath } from '#shared/domain/ids/object-key.ts';
import { detectorPolygon, detectorWcs } from '#shared/domain/sky/camera.ts';
import { htmEnvelope } from '#shared/domain/sky/htm.ts';
import { patchesOverlapping } from '#shared/domain/sky/skymap.ts';
import { skyToPixel, wcsFromHeader } from '#shared/domain/sky/wcs.ts';
import { parseReferenceCsv } from '#shared/domain/visit/reference-csv.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { sqliteLogReader } from '#shared/drivers/sqlite/log-reader.ts';
import { sqliteLogWriter } from '#shared/drivers/sqlite/log-writer.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { nextVisitSchema } from '#shared/schemas/events/next-visit.ts';
import type { ElementFile } from '../../../cli/simulator/satellite-catalog.ts';
import { planNight } from '../../../cli/simulator/survey-plan.ts';
import { unixMsFromTai } from '../../../cli/simulator/tai.ts';
import { type Moment, runTelescope } from '../../../cli/simulator/telescope.ts';
import { readAll } from '../../contracts/log.ts';
import { suiteFolder } from '../../support/folders.ts';

const plan = planNight({ camera: 'SimCam', seed: 7, visits: 2, detectors: 1 });
const TOPIC = 'lsst.sal.ScriptQueue.logevent_nextVisit';

interface Run {
  readonly data: string;
  readonly puts: string[];
  readonly moments: Moment[];
  readonly elements: ElementFile[];
}

/** One process's life: stops before a moment that `dies` picks; the first PUT of a raw is refused once. */
async function observe(data: string, dies: (moment: Moment) => boolean = () => false): Promise<Run> {
  const run: Run = { data, puts: [], moments: [], elements: [] };
  const [raws, products, log] = await Promise.all([
    fileObjectStore({ data, bucket: 'raw', createdEvents: false }),
    fileObjectStore({ data, bucket: 'products', createdEvents: false }),
    sqliteLogWriter({ data }),
  ]);
  const stop = new AbortController();
  const pace = async (moment: Moment) => {
    run.moments.push(moment);
    if (dies(moment)) stop.abort();
    stop.signal.throwIfAborted();
  };
  await runTelescope({
    plan,
    raws: recording(raws, run.puts),
    products,
    giveElements: async (file) => void run.elements.push(file),
    log,
    nextVisitTopic: TOPIC,
    truthFolder: join(data, 'truth'),
    pace,
    now: Date.now,
    signal: stop.signal,
  }).catch((error: Error) => expect(error.name).toBe('AbortError'));
  await Promise.all([raws.close(), products.close(), log.close()]);
  return run;
}

function recording(store: ObjectStore, puts: string[]): ObjectStore {
  let refused = false;
  return {
    ...store,
    async put(key, bytes, options) {
      if (!refused) {
        refused = true;
        throw new Fault('NS_DEPENDENCY_UNAVAILABLE', 'The bucket is away for a moment.', {
          dependency: 'raw',
        });
      }
      puts.push(key);
      return store.put(key, bytes, options);
    },
  };
}

function filesBelow(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return new Map(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length), readFileSync(path)];
    }),
  );
}

async function announced(data: string): Promise<Uint8Array[]> {
  const reader = await sqliteLogReader({ data });
  const records = await readAll(reader, TOPIC);
  await reader.close();
  return records.map((record) => record.value);
}

describe('the telescope', () => {
  const [whole, broken] = [suiteFolder(), suiteFolder()];
  let runs: [whole: Run, dead: Run, resumed: Run];

  beforeAll(async () => {
    const first = await observe(whole);
    // At a second start calibrations, templates and catalogues are there and are left as they are.
    cpSync(join(whole, 'objects/products'), join(broken, 'objects/products'), { recursive: true });
    const dead = await observe(broken, ({ visit, step }) => visit.index === 1 && step === 'read-out');
    // What a process leaves that dies while it writes the tables.
    appendFileSync(join(broken, 'truth/sources.csv'), '2026,half a r');
    appendFileSync(join(broken, 'truth/visits.csv'), '2026,17');
    runs = [first, dead, await observe(broken)];
  }, 60_000);

  it('announces, waits, then writes the sidecar before the raw, and tries again what a bucket refused', () => {
    const [{ puts, moments }] = runs;
    expect(moments.map(({ visit, step }) => `${visit.index} ${step}`)).toEqual([
      '0 announce',
      '0 read-out',
      '1 announce',
      '1 read-out',
    ]);
    expect(puts).toHaveLength(4);
    for (const at of [0, 2]) expect(puts[at].replace(/json$/, 'fits')).toBe(puts[at + 1]);
    expect(parseObjectPath(`raw/${puts[1]}`)).toMatchObject({ instrument: 'SimCam', instrumentCode: 'SC' });
  });

  it('goes on where it died, and takes the broken visit again to the same bytes', async () => {
    const [, , resumed] = runs;
    expect(resumed.moments.map(({ visit }) => visit.index)).toEqual([1, 1]);
    for (const bucket of ['raw', 'products']) {
      const [expected, found] = [whole, broken].map((data) => filesBelow(join(data, 'objects', bucket)));
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
      for (const [key, bytes] of expected) expect([key, bytes.equals(found.get(key)!)]).toEqual([key, true]);
    }
    const events = (await announced(broken)).map((value) => Buffer.from(value).toString('hex'));
    expect(new Set(events)).toEqual(
      new Set((await announced(whole)).map((value) => Buffer.from(value).toString('hex'))),
    );
    expect(events).toHaveLength(3);
  });

  it('tells the truth once, whatever died', () => {
    const table = (data: string, name: string) => readFileSync(join(data, 'truth', name), 'utf8');
    expect(table(broken, 'sources.csv')).toBe(table(whole, 'sources.csv'));
    const withoutClock = (text: string) => text.replaceAll(/^(\d+),\d+/gm, '$1');
    expect(withoutClock(table(broken, 'visits.csv'))).toBe(withoutClock(table(whole, 'visits.csv')));
    expect(table(whole, 'visits.csv').trim().split('\n')).toHaveLength(3);
  });

  it('sends all fields of nextVisit, with the stamps of the plan', async () => {
    const visit = plan.visitAt(0);
    const { schemaId, body } = unframe((await announced(whole))[0]);
    expect(schemaId).toBe(1);
    const event = avro.Type.forSchema(nextVisitSchema as avro.Schema).fromBuffer(Buffer.from(body));
    expect(Object.keys(event)).toHaveLength(23);
    expect(event).toMatchObject({
      groupId: visit.group,
      instrument: 'SimCam',
      filters: visit.physicalFilter,
      position: [visit.raDeg, visit.decDeg],
      cameraAngle: visit.skyAngleDeg,
      nimages: 1,
    });
    expect(event.private_sndStamp - event.private_efdStamp).toBeCloseTo(37, 6);
    expect(event.startTime - event.private_sndStamp).toBeGreaterThanOrEqual(20);
  });

  it('has put all that a detector is processed with', () => {
    const products = filesBelow(join(whole, 'objects/products'));
    const visit = plan.visitAt(0);
    const detector = detectorByNumber(plan.instrument, 0)!;
    for (const kind of ['bias', `flat-${visit.physicalFilter}`]) {
      const [, frame] = readFits(products.get(`/calibs/SimCam/0/${kind}/${visit.dayObs}.fits`)!);
      expect([frame.image?.width, frame.image?.height]).toEqual([1024, 1024]);
    }
    const region = detectorPolygon(plan.instrument, 0, visit, 50);
    const patches = patchesOverlapping(region);
    expect(patches.length).toBeGreaterThan(0);
    for (const { tract, patch } of patches)
      expect([...products.keys()]).toContain(`/templates/SimCam/${visit.band}/${tract}/${patch}.fits`);
    const stars = htmEnvelope(region, 7).flatMap((index) => {
      const csv = products.get(`/refcats/nightshift/${index}.csv`);
      return csv ? parseReferenceCsv(csv.toString(), visit.band) : [];
    });
    const wcs = detectorWcs(plan.instrument, 0, visit);
    const on = stars.filter((star) => {
      const place = skyToPixel(wcs, star.raDeg, star.decDeg);
      return place && place.x > 0 && place.y > 0 && place.x < detector.width && place.y < detector.height;
    });
    expect(on.length).toBeGreaterThan(60);
  });

  it('has stars in its templates where the reference catalogue has them, as bright', () => {
    const products = filesBelow(join(whole, 'objects/products'));
    const [key] = [...products.keys()].filter((name) => name.startsWith('/templates/'));
    const hdus = readFits(products.get(key)!);
    const { header, image } = hduNamed(hdus, 'IMAGE')!;
    const variance = hduNamed(hdus, 'VARIANCE')!.image!;
    const wcs = wcsFromHeader(header);
    const band = key.split('/')[3];
    const catalog = [...products].filter(([name]) => name.startsWith('/refcats/'));
    const ratios = catalog
      .flatMap(([, csv]) => parseReferenceCsv(csv.toString(), band))
      .filter((star) => star.fluxNjy > 2e4 && star.fluxNjy < 5e5)
      .flatMap(({ raDeg, decDeg, fluxNjy }) => {
        const place = skyToPixel(wcs, raDeg, decDeg);
        if (
          !place ||
          place.x < 20 ||
          place.y < 20 ||
          place.x > image!.width - 20 ||
          place.y > image!.height - 20
        )
          return [];
        let sum = 0;
        for (let dy = -9; dy <= 9; dy++)
          for (let dx = -9; dx <= 9; dx++)
            sum += image!.pixels[(Math.round(place.y) + dy) * image!.width + Math.round(place.x) + dx];
        return [sum / fluxNjy];
      })
      .sort((a, b) => a - b);
    expect(ratios.length).toBeGreaterThan(10);
    expect(ratios[ratios.length >> 1]).toBeGreaterThan(0.97);
    expect(ratios[ratios.length >> 1]).toBeLessThan(1.04);
    expect(variance.pixels.every((value: number) => value > 0)).toBe(true);
  });

  it('has given out the night’s element sets, before its first visit', () => {
    const given = runs[0].elements;
    expect(given).toHaveLength(1);
    expect(given[0].givenMs).toBeLessThan(unixMsFromTai(plan.visitAt(0).announce));
    const lines = given[0].text.trim().split('\n');
    expect(lines.length).toBeGreaterThan(400);
    for (const line of lines) expect(Object.keys(JSON.parse(line))).toContain('MEAN_MOTION');
  });
});
