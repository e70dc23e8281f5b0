import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { suiteFolder } from '../../support/folders.ts';
import {
  bytes,
  crossedPlace,
  entry,
  idOf,
  list,
  logBook,
  plan,
  put,
  query,
  source,
  start,
  visitBody,
} from './requests.ts';

const data = suiteFolder();
const log = logBook();
const historical = { historical: true };
let products: ObjectStore;
let fn: RunningFunction;

/** The same element sets, as the catalogue of so many hours later. */
const hoursLater = (hours: number, id: string) => ({
  ...entry,
  id,
  asOfUtc: new Date(Date.parse(entry.asOfUtc) + hours * 3_600_000).toISOString(),
});

beforeAll(async () => {
  products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await products.put(entry.key, bytes);
  // Visit 21 ends 0.4 h after the first of them, so 0.2 h before the second.
  await list(products, [hoursLater(-6, 'before'), hoursLater(0.6, 'after')]);
  fn = await start(data, {}, log);
});
afterAll(async () => {
  await fn.stop();
  await products.close();
});

const visit = plan.visitAt(21);
const inField = [source(idOf(0), crossedPlace(visit))];
const asked = (columns: string) => query(visit, inField).replace(/\}$/, `, ${columns}}`);
const snapshotOfLast = () => log.entries().findLast(({ snapshot }) => snapshot !== undefined)?.snapshot;

describe('a past visit', () => {
  it('is told and asked for apart from the visit of the night, as in the original', async () => {
    const unknown = (name: string) => ({
      status: 404,
      text: `Provided visit ${name} not present in cache!.`,
    });
    expect((await put(fn, '/visit_cache', visitBody(visit))).status).toBe(200);
    const past = `${visit.visit}_historical`;
    expect(await put(fn, '/diasource_allow_list', asked('"historical": true'))).toEqual(unknown(past));
    // Reprocessed with another pointing than the night's header had.
    const elsewhere = visitBody(visit, { ...historical, boresight_dec: visit.decDeg + 0.05 });
    expect(await put(fn, '/visit_cache', elsewhere)).toEqual({
      status: 200,
      text: `Successfully cached satellites for visit ${past} using `,
    });
    expect(await put(fn, '/visit_cache', elsewhere)).toEqual({
      status: 200,
      text: `Visit ${visit.visit} already loaded.`,
    });
    for (const kind of ['"historical": true', '"historical": false'])
      expect(await put(fn, '/diasource_allow_list', asked(kind))).toEqual({
        status: 200,
        text: `{"visit_id": ${visit.visit}, "detector_id": 4, "allow_list": []}`,
      });
  });

  it('is judged by the catalogue nearest to it, the night’s by the last one before it', async () => {
    await put(fn, '/diasource_allow_list', asked('"historical": true'));
    expect(snapshotOfLast()).toBe('after');
    await put(fn, '/diasource_allow_list', asked('"historical": false'));
    expect(snapshotOfLast()).toBe('before');
  });

  it('has no answer where no catalogue is within the limit of it', async () => {
    const early = plan.visitAt(20);
    await list(products, [hoursLater(-40, 'long-before'), hoursLater(48, 'long-after')]);
    const told = await put(fn, '/visit_cache', visitBody(early, historical));
    expect(told).toMatchObject({ status: 503, text: expect.stringMatching(/ h away, more than the 24 h/) });
  });
});
