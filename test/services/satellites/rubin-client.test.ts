import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import {
  crossedPlace,
  idOf,
  type Place,
  plan,
  publish,
  source,
  visitBody,
} from '../../functions/sattle-check/requests.ts';
import { suiteFolder } from '../../support/folders.ts';
import { gateReplica, gateRotation } from '../../support/gate-replicas.ts';
import { python, pythonWithPackages } from '../../support/python.ts';
import { obtain } from '../../support/services/availability.ts';
import { freePorts } from '../../support/services/child.ts';

const requests = await obtain(pythonWithPackages);
const script = join(import.meta.dirname, 'rubin-client.py');
const data = suiteFolder();
const input = join(data, 'input.json');
const visit = plan.visitAt(21);
const covered = crossedPlace(visit);
const clear = (index: number): Place => offsetBy(visit.raDeg, visit.decDeg, 3000, 3000 - index / 10);
const told = visitBody(visit);

/** What the client prints; the input is written as text, since ids are larger than JSON.stringify can say. */
async function client(verb: 'ask' | 'traffic', text: string): Promise<unknown> {
  writeFileSync(input, text);
  return JSON.parse(await python(script, [verb, input]));
}

beforeAll(async () => {
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  await products.close();
});

describe.skipIf(!requests)('Rubin’s client', () => {
  it('understands every answer of `nightshift serve sattle-check` on a data folder', async () => {
    const [port] = [await freePorts(1)];
    await using replica = gateReplica(data, port);
    await replica.ready();
    const many = Array.from({ length: 6000 }, (_, index) => source(idOf(index), clear(index)));
    const onPath = [source(idOf(1), covered), source(idOf(2), covered)];
    /** A source of one pixel, whose corner pixels are one. */
    const pixel = `{"diasource_id": ${idOf(3)}, "bbox": [${Array(4).fill(`[${clear(0).raDeg}, ${clear(0).decDeg}]`)}]}`;
    const question = (tell: boolean, sources: readonly string[], columns = '{}') =>
      `{"tell": ${tell}, "detector": 4, "sources": [${sources}], "visit": ${columns}}`;
    const questions = [
      question(false, many.slice(0, 1)),
      question(true, many.slice(0, 1)),
      question(true, []),
      question(true, many),
      question(true, onPath),
      question(true, [...onPath, ...many.slice(5, 8)]),
      question(true, [pixel]),
      question(false, onPath, '{"historical": true}'),
      question(true, many, '{"visit_id": 1, "exposure_start_mjd": 60000, "exposure_end_mjd": 60000.0003}'),
      question(false, many, '{"visit_id": 2, "exposure_start_mjd": 60000, "exposure_end_mjd": 60000.0003}'),
    ];
    const url = `http://127.0.0.1:${port}`;
    const answers = await client('ask', `{"url": "${url}", "visit": ${told}, "questions": [${questions}]}`);
    const ids = (...indices: number[]) => indices.map((index) => String(idOf(index)));
    const [tell, list] = ['/visit_cache', '/diasource_allow_list'];
    const plain = [
      [tell, 200],
      [list, 200],
    ];
    const unknown = [
      [list, 404],
      [tell, 200],
      [list, 200],
    ];
    expect(answers).toEqual([
      { allowed: ids(0), error: null, requests: unknown },
      { allowed: ids(0), error: null, requests: plain },
      { allowed: [], error: null, requests: plain },
      { allowed: many.map((_, index) => String(idOf(index))), error: null, requests: plain },
      { allowed: [], error: null, requests: plain },
      { allowed: ids(5, 6, 7), error: null, requests: plain },
      { allowed: ids(3), error: null, requests: plain },
      { allowed: [], error: null, requests: unknown },
      // No catalogue within a day of it: an error that the client raises, so that nothing is published.
      { allowed: null, error: 'HTTPError', requests: [[tell, 503]] },
      {
        allowed: null,
        error: 'HTTPError',
        requests: [
          [list, 404],
          [tell, 503],
        ],
      },
    ]);
  });

  it('never meets a second 404 while three replicas take turns and one is restarted every second', async () => {
    const seconds = process.env.CI === 'true' ? 20 : 60;
    await using rotation = await gateRotation(data, 3);
    const over = new AbortController();
    const restarting = rotation.restartInTurn(over.signal);
    const sources = [source(idOf(1), covered), source(idOf(5), clear(5)), source(idOf(9), clear(9))];
    const asked =
      `{"url": "${rotation.url}", "seconds": ${seconds}, "visit": ${told}, "detectors": 6, ` +
      `"sources": [${sources}], "covered": [${idOf(1)}]}`;
    const counts = await client('traffic', asked).finally(() => over.abort());
    const restarts = await restarting;
    console.info(`${restarts} restarts in ${seconds} s:`, counts);
    expect(counts).toMatchObject({ 'unknown twice': 0 });
    expect(counts).not.toHaveProperty('wrong');
    const { right, unknown, unanswered = 0 } = counts as Record<string, number>;
    expect(restarts).toBeGreaterThan(seconds / 10);
    expect(unknown).toBeGreaterThan(seconds / 4);
    expect(right).toBeGreaterThan(seconds);
    // What an ended replica had in hand, of the six at most that ask at once.
    expect(unanswered).toBeLessThanOrEqual(6 * restarts);
  });
});
