import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import type { ObjectStore } from '#shared/ports/object-store.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { stopGeometry } from '../../../functions/sattle-check/geometry.ts';
import { suiteFolder, testFolder } from '../../support/folders.ts';
import {
  answer,
  crossedPlace,
  entry,
  idOf,
  list,
  logBook,
  plan,
  publish,
  put,
  query,
  samples,
  source,
  start,
  visitBody,
} from './requests.ts';

const data = suiteFolder();
const log = logBook();
const visit = plan.visitAt(21);
let products: ObjectStore;
let fn: RunningFunction;
beforeAll(async () => {
  products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  fn = await start(data, {}, log);
});
afterAll(async () => {
  await fn.stop();
  await products.close();
});

const farAway = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    source(idOf(index), offsetBy(visit.raDeg, visit.decDeg, 3000, 3000 - index / 10)),
  );

describe('an answered request', () => {
  it('leaves one line of counts in the log, with its caller, and no id or place', async () => {
    await put(fn, '/visit_cache', visitBody(visit));
    const place = crossedPlace(visit);
    const sources = [source(idOf(7), place), ...farAway(2)];
    await put(fn, '/diasource_allow_list', query(visit, sources, 130), { 'x-call-id': 'detector-130' });
    const [line, ...others] = log.entries().filter(({ msg }) => msg === 'allow list answered');
    expect(others).toEqual([]);
    expect(line).toMatchObject({
      callId: 'detector-130',
      visit: String(visit.visit),
      detector: '130',
      asked: 3,
      removed: 1,
      snapshot: entry.id,
    });
    for (const told of [idOf(7), idOf(0), place.raDeg, place.decDeg, visit.raDeg, visit.decDeg])
      expect(log.text()).not.toContain(String(told).slice(0, 8));
  });

  it('is counted, as is why one was not', async () => {
    await put(fn, '/visit_cache', '{}');
    await put(fn, '/diasource_allow_list', query(plan.visitAt(2), []));
    const counted = await samples(fn);
    expect(counted.get('nightshift_gate_sources_total{answer="allowed"}')).toBe(2);
    expect(counted.get('nightshift_gate_sources_total{answer="removed"}')).toBe(1);
    expect(counted.get('nightshift_gate_crossing_satellites_count')).toBe(1);
    expect(counted.get('nightshift_gate_crossing_satellites_sum')).toBeGreaterThan(0);
    expect(counted.get('nightshift_gate_answer_seconds_count{route="/diasource_allow_list"}')).toBe(2);
    expect(counted.get('nightshift_gate_refusals_total{reason="bad_request"}')).toBe(1);
    expect(counted.get('nightshift_gate_refusals_total{reason="unknown_visit"}')).toBe(1);
    expect(counted.get('nightshift_satellite_catalog_size')).toBe(entry.count);
    expect(counted.get('nightshift_satellite_catalog_age_hours')).toBeGreaterThan(0);
    expect(counted.get('nightshift_earth_orientation_days_left')).toBeGreaterThan(60);
  });
});

describe('a geometry thread that breaks', () => {
  it('is started anew; what it had in hand is answered 503, everything else right', async () => {
    const asked = Array.from({ length: 24 }, (_, detector) =>
      put(fn, '/diasource_allow_list', query(visit, farAway(400), detector)),
    );
    for (let times = 0; times < 3; times++) {
      await sleep(15);
      await stopGeometry();
    }
    const statuses = new Set<number>();
    for (const [detector, { status, text }] of (await Promise.all(asked)).entries()) {
      statuses.add(status);
      if (status === 200) expect(JSON.parse(text).detector_id).toBe(detector);
      else expect([status, text]).toEqual([503, 'The geometry broke and is started anew; ask again.']);
    }
    expect(statuses).toContain(503);
    const after = await put(fn, '/diasource_allow_list', query(visit, farAway(3)));
    expect(after).toEqual({ status: 200, text: answer(visit, [0, 1, 2].map(idOf)) });
  });
});

describe('an asker that goes away', () => {
  it('frees its work before the geometry begins with it', async () => {
    const before = await samples(fn);
    const going = new AbortController();
    const gone = Array.from({ length: 40 }, () =>
      fn.app.request('/diasource_allow_list', {
        method: 'PUT',
        body: query(visit, farAway(1000)),
        signal: going.signal,
      }),
    );
    await sleep(5);
    going.abort();
    await Promise.all(gone);
    const allowed = 'nightshift_gate_sources_total{answer="allowed"}';
    const answered = ((await samples(fn)).get(allowed) ?? 0) - (before.get(allowed) ?? 0);
    expect(answered).toBeLessThan(20_000);
    expect(
      log.entries().filter(({ msg }) => msg === 'the asker went away before the answer').length,
    ).toBeGreaterThan(20);
  });
});

describe('too many requests', () => {
  it('are told to come again, 4,000 at once and 200 a second later', async () => {
    const other = testFolder();
    let processMs = 0;
    const time = { night: () => Date.now(), process: () => processMs, wall: () => Date.now() };
    const limited = await start(other, {}, { time });
    onTestFinished(() => limited.stop());
    const statuses = async (count: number) => {
      const all = Array.from({ length: count }, () => put(limited, '/visit_cache', ''));
      return (await Promise.all(all)).map(({ status }) => status);
    };
    expect(new Set(await statuses(4000))).toEqual(new Set([500]));
    const refused = await limited.app.request('/diasource_allow_list', { method: 'PUT', body: '' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.text()).toBe('Too many requests; ask again in 1 s.');
    processMs += 1000;
    expect((await statuses(201)).toSorted()).toEqual([429, ...Array(200).fill(500)].toSorted());
    expect((await samples(limited)).get('nightshift_gate_refusals_total{reason="rate_limited"}')).toBe(2);
  });
});

describe('a new catalogue', () => {
  it('is loaded within a minute, before a visit asks for it', async () => {
    vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const book = logBook();
    const now = Date.parse(entry.asOfUtc) + 3_600_000;
    const time = { night: () => now, process: () => performance.now(), wall: () => Date.now() };
    await fn.stop();
    fn = await start(data, {}, { ...book, time });
    const loaded = () =>
      book.entries().flatMap(({ msg, snapshot }) => (msg === 'catalogue loaded' ? [snapshot] : []));
    expect(loaded()).toEqual([entry.id]);
    await list(products, [entry, { ...entry, id: 'next', asOfUtc: new Date(now - 60_000).toISOString() }]);
    vi.advanceTimersByTime(59_000);
    await sleep(100);
    expect(loaded()).toEqual([entry.id]);
    vi.advanceTimersByTime(1000);
    await vi.waitFor(() => expect(loaded()).toEqual([entry.id, 'next']), 5000);
    vi.advanceTimersByTime(60_000);
    await sleep(100);
    expect(loaded()).toEqual([entry.id, 'next']);
  });
});

describe('the table of the Earth’s orientation', () => {
  it.each([
    ['2027-08-01', undefined, 89],
    ['2027-09-20', 'warn', 39],
    ['2027-11-20', 'error', -22],
  ])('on %s is said to end with %s, %i days before', async (day, level, daysLeft) => {
    const book = logBook();
    const time = { night: () => Date.parse(day), process: () => 0, wall: () => 0 };
    const fn = await start(testFolder(), {}, { ...book, time });
    onTestFinished(() => fn.stop());
    const said = book.entries().filter(({ msg }) => /Earth’s orientation/.test(String(msg)));
    expect(said.map((line) => [line.level, line.daysLeft])).toEqual(level ? [[level, daysLeft]] : []);
    expect((await samples(fn)).get('nightshift_earth_orientation_days_left')).toBeCloseTo(daysLeft, 6);
  });
});

describe('the uncertainty of the elements', () => {
  it('widens the corridor, to no more than 180"', async () => {
    const middle = crossedPlace(visit);
    const around = (arcsec: number) =>
      Array.from({ length: 12 }, (_, step) => (step * Math.PI) / 6).map((angle, index) =>
        source(
          idOf(index),
          offsetBy(middle.raDeg, middle.decDeg, arcsec * Math.cos(angle), arcsec * Math.sin(angle)),
        ),
      );
    const removed = async (sigma: string, arcsec: number) => {
      await fn.stop();
      const variables = { SATELLITE_SIGMA_KM: sigma, SATELLITE_SIGMA_KM_PER_DAY: '0' };
      fn = await start(data, variables);
      const { text } = await put(fn, '/diasource_allow_list', query(visit, around(arcsec)));
      return 12 - JSON.parse(text).allow_list.length;
    };
    await publish(products);
    expect(await removed('0', 100)).toBeLessThan(8);
    expect(await removed('50', 100)).toBe(12);
    expect(await removed('50', 250)).toBeLessThan(12);
  });
});
