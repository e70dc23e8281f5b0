import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { httpSatelliteGate } from '#shared/drivers/http/satellite-gate.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { mjdTai } from '../../../cli/simulator/tai.ts';
import { testServer } from '../../drivers/http/server.ts';
import { suiteFolder } from '../../support/folders.ts';
import { crossedPlace, idOf, type Place, plan, publish, start } from './requests.ts';

// process-detector's client and sattle-check, each as it is, over HTTP.

const key = 'gate key of both sides';
const data = suiteFolder();
const told = plan.visitAt(21);
let signing: RunningFunction;
let original: RunningFunction;
beforeAll(async () => {
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  await products.close();
  signing = await start(data, { GATE_KEY: key });
  original = await start(data);
});
afterAll(() => Promise.all([signing.stop(), original.stop()]));

/** A function behind a server on loopback. */
async function served(fn: RunningFunction): Promise<string> {
  const { url } = await testServer(async (response, { method, url, headers, body }) => {
    const given = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const answer = await fn.app.request(url, { method, body, headers: given });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  return url;
}

const visit = {
  ...{ visit: told.visit, beginMjdTai: mjdTai(told.begin), endMjdTai: mjdTai(told.end) },
  ...{ boresightRaDeg: told.raDeg, boresightDecDeg: told.decDeg, historical: false },
};

/** A source with a box of 4" around a place. */
const sourceAt = (index: number, { raDeg, decDeg }: Place) => ({
  diaSourceId: idOf(index),
  bbox: [
    [-2, -2],
    [2, -2],
    [2, 2],
    [-2, 2],
  ].map(([east = 0, north = 0]) => {
    const corner = offsetBy(raDeg, decDeg, east, north);
    return [corner.raDeg, corner.decDeg] as const;
  }),
});
const clear = (index: number): Place => offsetBy(told.raDeg, told.decDeg, 3000, 3000 - 20 * index);
const sources = [sourceAt(0, crossedPlace(told)), sourceAt(1, clear(1)), sourceAt(2, clear(2))];

async function ask(replicas: readonly string[], ownKey?: string, of = sources) {
  const failures: string[] = [];
  const gate = httpSatelliteGate({ replicas, key: () => ownKey });
  const failed = (reason: string) => void failures.push(reason);
  const answer = await gate.allowed(visit, 4, of, { failed }).catch((error: Error) => error.message);
  return { answer, failures };
}

describe('process-detector’s client and sattle-check', () => {
  test('agree on what a satellite crossed, signed or not', async () => {
    const allowed = { answer: new Set([idOf(1), idOf(2)]), failures: [] };
    const [signs, not] = [await served(signing), await served(original)];
    expect(await ask([signs], key)).toEqual(allowed);
    expect(await ask([signs])).toEqual(allowed);
    expect(await ask([not])).toEqual(allowed);
  });

  test('agree on one source, on none that may be known, and on more than one request takes', async () => {
    const url = await served(signing);
    const [crossed, free] = [sources.slice(0, 1), sources.slice(1, 2)];
    expect((await ask([url], key, free)).answer).toEqual(new Set([idOf(1)]));
    expect((await ask([url], key, crossed)).answer).toEqual(new Set());
    const many = Array.from({ length: 6000 }, (_, n) => sourceAt(n + 1, clear(n % 100)));
    const { answer, failures } = await ask([url], key, many);
    expect(failures).toEqual([]);
    expect((answer as Set<bigint>).size).toBe(6000);
  });

  test('do not, where only one has the key, or another one', async () => {
    const [signs, not] = [await served(signing), await served(original)];
    expect(await ask([not], key)).toMatchObject({ failures: ['bad_signature'] });
    expect(await ask([signs], 'another key')).toMatchObject({ failures: ['bad_signature'] });
  });
});
