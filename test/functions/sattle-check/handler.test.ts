import { gunzipSync, gzipSync } from 'node:zlib';
import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { hasSatellite } from '../../../cli/simulator/satellite-catalog.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { mjdTai } from '../../../cli/simulator/tai.ts';
import { suiteFolder } from '../../support/folders.ts';
import {
  answer,
  bytes,
  type Change,
  entry,
  idOf,
  type Place,
  plan,
  publish,
  put,
  query,
  source,
  start,
  streakPaths,
  visitBody,
} from './requests.ts';

const data = suiteFolder();
const HOUR_MS = 3_600_000;
let products: ObjectStore;
let fn: RunningFunction;
beforeAll(async () => {
  products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  fn = await start(data);
});
afterAll(async () => {
  await fn.stop();
  await products.close();
});

let taken = 0;
/** A visit that no other test has told. */
const freshVisit = () => plan.visitAt(taken++);

describe('sattle-check', () => {
  it('answers for one source, for none and for 6,000, in the order they came', async () => {
    const visit = freshVisit();
    await put(fn, '/visit_cache', visitBody(visit));
    const far = (index: number) => offsetBy(visit.raDeg, visit.decDeg, 3000, 3000 - index / 10);
    const ids = Array.from({ length: 6000 }, (_, index) => idOf(5999 - index));
    const sources = ids.map((id, index) => source(id, far(index)));
    for (const count of [1, 0, 6000]) {
      const { status, text } = await put(fn, '/diasource_allow_list', query(visit, sources.slice(0, count)));
      expect(status).toBe(200);
      expect(text).toBe(answer(visit, ids.slice(0, count)));
    }
  });

  it('removes all of a detector that a satellite covers, and an id of which one box is covered', async () => {
    const visit = plan.visitAt(21);
    expect(hasSatellite(visit)).toBe(true);
    await put(fn, '/visit_cache', visitBody(visit));
    const field = { raDeg: visit.raDeg, decDeg: visit.decDeg };
    const inField = (place: Place) =>
      separationArcsec(place.raDeg, place.decDeg, field.raDeg, field.decDeg) < 600;
    const covered = streakPaths(visit, 15).flat().filter(inField);
    expect(covered.length).toBeGreaterThan(0);
    const all = covered.map((place, index) => source(idOf(index), place));
    expect(await put(fn, '/diasource_allow_list', query(visit, all))).toEqual({
      status: 200,
      text: answer(visit, []),
    });
    const twice = [source(1n, offsetBy(visit.raDeg, visit.decDeg, 3000, 0)), source(1n, covered[0])];
    expect((await put(fn, '/diasource_allow_list', query(visit, twice))).text).toBe(answer(visit, []));
  });

  it('answers 404 in the original’s words for a visit that nobody told, and another replica for one that was', async () => {
    const visit = freshVisit();
    expect(await put(fn, '/diasource_allow_list', query(visit, []))).toEqual({
      status: 404,
      text: `Provided visit ${visit.visit} not present in cache!.`,
    });
    await put(fn, '/visit_cache', visitBody(visit));
    expect((await put(fn, '/visit_cache', visitBody(visit))).text).toBe(
      `Visit ${visit.visit} already loaded.`,
    );
    // The geometry thread is the process's, so the other replica begins where this one has ended.
    await fn.stop();
    fn = await start(data);
    const detectors = Array.from({ length: 189 }, (_, detector) => detector);
    const asked = detectors.map((detector) => put(fn, '/diasource_allow_list', query(visit, [], detector)));
    expect((await Promise.all(asked)).map(({ text }) => text)).toEqual(
      detectors.map((detector) => answer(visit, [], detector)),
    );
  });

  it('refuses a visit that is told again with other times', async () => {
    const visit = freshVisit();
    await put(fn, '/visit_cache', visitBody(visit));
    const late = visitBody(visit, {
      exposure_start_mjd: mjdTai(visit.begin + 20_000),
      exposure_end_mjd: mjdTai(visit.end + 20_000),
    });
    expect(await put(fn, '/visit_cache', late)).toMatchObject({
      status: 400,
      text: expect.stringMatching(/told before/),
    });
    const rounded = visitBody(visit, { exposure_start_mjd: mjdTai(visit.begin + 1) });
    expect((await put(fn, '/visit_cache', rounded)).status).toBe(200);
  });

  it('tells a bad request what is wrong with it', async () => {
    const visit = freshVisit();
    await put(fn, '/visit_cache', visitBody(visit));
    const { exposure_end_mjd: _, ...noEnd } = JSON.parse(visitBody(visit));
    const wrong: [path: string, body: string, status: number, text: RegExp][] = [
      ['/visit_cache', JSON.stringify(noEnd), 400, /^Missing column exposure_end_mjd\.$/],
      ['/visit_cache', visitBody(visit).slice(0, -4), 500, /^The body, of \d+ characters, is not JSON\.$/],
      ['/visit_cache', visitBody(visit, { exposure_end_mjd: 60_000 }), 400, /exposure_end_mjd is not later/],
      ['/visit_cache', visitBody(visit, { boresight_ra: 'west' }), 400, /boresight_ra is not a number/],
      ['/diasource_allow_list', '{"visit_id": 1, "diasources": []}', 400, /^Missing column detector_id\.$/],
      ['/diasource_allow_list', '<html>', 500, /^The body, of \d+ characters, is not JSON\.$/],
      ['/diasource_allow_list', query(visit, ['{"bbox": []}']), 400, /Missing column diasource_id/],
      ['/diasource_allow_list', query(visit, ['{"diasource_id": 1.5, "bbox": []}']), 400, /64 bits/],
      ['/diasource_allow_list', query(visit, [`{"diasource_id": ${2n ** 63n}, "bbox": []}`]), 400, /64 bits/],
      ['/diasource_allow_list', query(visit, ['{"diasource_id": 1, "bbox": [[1, 2]]}']), 400, /four corners/],
      [
        '/diasource_allow_list',
        query(visit, [source(1n, offsetBy(visit.raDeg, visit.decDeg, 0, 9000))]),
        400,
        /^Failed computing allow_list for visit \d+, detector 4: Source 0 reaches 2\.50 degrees/,
      ],
    ];
    for (const [path, body, status, text] of wrong)
      expect(await put(fn, path, body)).toMatchObject({ status, text: expect.stringMatching(text) });
    const huge = 'x'.repeat(16 * 1024 * 1024 + 1);
    expect((await put(fn, '/diasource_allow_list', huge)).status).toBe(413);
  });

  it('has no route that returns what it knows', async () => {
    const visit = freshVisit();
    await put(fn, '/visit_cache', visitBody(visit));
    for (const path of ['/visit_cache', '/diasource_allow_list'])
      expect((await fn.app.request(path)).status).toBe(404);
  });

  const lines = gunzipSync(bytes).toString();
  const hoursBefore = (hours: number) => new Date(Date.parse(entry.asOfUtc) - hours * HOUR_MS).toISOString();
  it.each<[string, Change, RegExp]>([
    ['there is none', { entry: { count: 0 } }, /there is no satellite catalogue/],
    ['it is 25 h old', { entry: { asOfUtc: hoursBefore(25) } }, /25\.\d h away/],
    ['it is new, but its elements are old', { entry: { newestEpochUtc: hoursBefore(30) } }, /30\.\d h away/],
    ['it is of the day after tomorrow', { entry: { asOfUtc: hoursBefore(-48) } }, /47\.\d h away/],
    ['its object is missing', { bytes: 'none' }, /its object satellites.* is missing/],
    ['its object is cut', { bytes: bytes.subarray(0, 5000) }, /unexpected end of file/],
    [
      'lines are missing',
      { bytes: gzipSync(lines.slice(0, lines.indexOf('\n') + 1)) },
      /holds 1 element sets/,
    ],
    ['a line is no element set', { bytes: gzipSync(lines.replace('"INCL', '"INC')) }, /INCLINATION is not/],
    // A mean motion of 40 revolutions a day is an orbit below the ground.
    [
      'most of it cannot be placed',
      { bytes: gzipSync(lines.replace(/("MEAN_MOTION":)"[^"]+"/g, '$1"40.0"')) },
      /give no position/,
    ],
  ])('lets nothing through with a catalogue when %s', async (name, change, why) => {
    const visit = freshVisit();
    const named = { id: name, key: `satellites/snapshots/${name}.jsonl.gz` };
    await publish(products, { ...change, entry: { ...named, ...change.entry } });
    const told = await put(fn, '/visit_cache', visitBody(visit));
    expect(told).toMatchObject({ status: 503, text: expect.stringMatching(why) });
    expect((await put(fn, '/diasource_allow_list', query(visit, []))).status).toBe(404);
  });

  it('lets nothing through when the catalogue has gone since the visit was told', async () => {
    const visit = freshVisit();
    await publish(products);
    expect((await put(fn, '/visit_cache', visitBody(visit))).status).toBe(200);
    await products.delete('satellites/snapshots/index.json');
    const asked = await put(fn, '/diasource_allow_list', query(visit, []));
    expect(asked).toMatchObject({ status: 503, text: expect.stringMatching(/no satellite catalogue/) });
    await publish(products);
    expect((await put(fn, '/diasource_allow_list', query(visit, []))).status).toBe(200);
  });
});
