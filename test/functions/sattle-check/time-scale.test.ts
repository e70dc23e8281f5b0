import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { buildSnapshot } from '#shared/domain/satellites/build-snapshot.ts';
import { starTiedDirection } from '#shared/domain/satellites/direction.ts';
import { earthFrameAt } from '#shared/domain/satellites/earth-frame.ts';
import { parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { snapshotIndexKey } from '#shared/domain/satellites/snapshot.ts';
import { separationArcsec, toRaDec } from '#shared/domain/sky/vector.ts';
import { mjdUtc } from '#shared/domain/time/scales.ts';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { testFolder } from '../../support/folders.ts';
import { parseTle } from '../../support/parse-tle.ts';
import { idOf, put, source, start } from './requests.ts';

/** A real satellite, and where sgp4 and astropy see it at a time counted in TAI. */
interface Case {
  readonly lines: readonly [string, string];
  readonly mjdTai: number;
  readonly raDeg: number;
  readonly decDeg: number;
}
const fixture = join(import.meta.dirname, '../../fixtures/satellites/directions.json');
const all: Case[] = JSON.parse(readFileSync(fixture, 'utf8'));
/** Sixteen low ones, six and eight of the other regimes, two that are farther than all. */
const cases = all.filter((_, index) => index % 5 === 0);

/** Where it would be seen if the MJD counted UTC: 37 s on its way. */
function placeOfUtc({ lines, mjdTai }: Case) {
  const time = mjdUtc(mjdTai);
  return toRaDec(starTiedDirection(parseTle(...lines), time, earthFrameAt(time, rubinSite))!.direction);
}

const visitBody = (visit: number, { raDeg, decDeg }: Case, middleMjd: number) =>
  JSON.stringify({
    visit_id: visit,
    exposure_start_mjd: middleMjd - 1 / 86_400,
    exposure_end_mjd: middleMjd + 1 / 86_400,
    boresight_ra: raDeg,
    boresight_dec: decDeg,
    historical: true,
  });

it('takes a request’s MJD for TAI: told in UTC it would miss the satellites', async () => {
  const data = testFolder();
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  const { elements } = parseElementFile(cases.flatMap(({ lines }) => lines).join('\n'), 'catalogue');
  const sources = [{ name: 'catalogue', private: false, elements }];
  const { entry, publicLines } = buildSnapshot({ asOf: mjdUtc(59_801), sources, nonce: '' });
  await products.put(entry.key, gzipSync(publicLines));
  await products.put(snapshotIndexKey, Buffer.from(JSON.stringify({ snapshots: [entry] })));
  await products.close();
  // The cases lie within days of their own elements, some a year from the snapshot's moment.
  const fn = await start(data, { SNAPSHOT_MAX_AGE_HOURS: '100000' });
  onTestFinished(() => fn.stop());

  const allowedOf = async (visit: number, middleMjd: number, each: Case, boxes: readonly string[]) => {
    expect(await put(fn, '/visit_cache', visitBody(visit, each, middleMjd))).toMatchObject({ status: 200 });
    const body = `{"visit_id": ${visit}, "detector_id": 4, "historical": true, "diasources": [${boxes.join()}]}`;
    const { status, text } = await put(fn, '/diasource_allow_list', body);
    expect(status).toBe(200);
    return [...text.matchAll(/\d{18}/g)].map(([id]) => BigInt(id));
  };

  let [beside, far] = [0, 0];
  for (const [index, each] of cases.entries()) {
    const [there, wrong] = [source(idOf(0), each), placeOfUtc(each)];
    const away = separationArcsec(each.raDeg, each.decDeg, wrong.raDeg, wrong.decDeg);
    // Of its 37 s it is 33 s and more away, of a corridor that ends at 180".
    if (away < 250) continue;
    const inField = away < 2 * 3600;
    const boxes = inField ? [there, source(idOf(1), wrong)] : [there];
    expect(await allowedOf(2 * index + 1, each.mjdTai, each, boxes)).toEqual(inField ? [idOf(1)] : []);
    const taiMinusUtcDays = 37 / 86_400;
    expect(await allowedOf(2 * index + 2, each.mjdTai - taiMinusUtcDays, each, [there])).toEqual([idOf(0)]);
    if (inField) beside++;
    else far++;
  }
  expect([beside, far]).toEqual([21, 18]);
});
