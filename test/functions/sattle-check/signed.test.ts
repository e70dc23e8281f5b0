import { createHmac } from 'node:crypto';
import type { RunningFunction } from 'openfaas-sdk-ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileObjectStore } from '#shared/drivers/fs/object-store.ts';
import { offsetBy } from '../../../cli/simulator/sky-cells.ts';
import { suiteFolder } from '../../support/folders.ts';
import {
  answer,
  crossedPlace,
  entry,
  idOf,
  plan,
  publish,
  put,
  query,
  source,
  start,
  visitBody,
} from './requests.ts';

const data = suiteFolder();
const key = 'gate key of both sides';
const nonce = 'T0mQ-_4kq9ZbYw1x';
const visit = plan.visitAt(21);
let fn: RunningFunction;
beforeAll(async () => {
  const products = await fileObjectStore({ data, bucket: 'products', createdEvents: false });
  await publish(products);
  await products.close();
  fn = await start(data, { GATE_KEY: key });
  await put(fn, '/visit_cache', visitBody(visit));
});
afterAll(() => fn.stop());

const clear = (index: number) => offsetBy(visit.raDeg, visit.decDeg, 3000, 3000 - 20 * index);
// The second one is on a path; the last one comes twice.
const ids = [3, 1, 2, 2].map(idOf);
const sources = ids.map((id) => source(id, id === idOf(1) ? crossedPlace(visit) : clear(2)));

async function asked(headers: Record<string, string>) {
  const response = await fn.app.request('/diasource_allow_list', {
    method: 'PUT',
    body: query(visit, sources),
    headers,
  });
  const [snapshot, signature] = ['x-gate-snapshot', 'x-gate-signature'].map((name) =>
    response.headers.get(name),
  );
  return { status: response.status, text: await response.text(), snapshot, signature };
}

describe('a signed answer', () => {
  it('vouches for visit, detector, what was asked, what is allowed, catalogue and nonce', async () => {
    const allowed = [idOf(3), idOf(2), idOf(2)];
    const got = await asked({ 'x-gate-nonce': nonce });
    const lines = [
      'nightshift-gate-1',
      visit.visit,
      4,
      ids.join(),
      allowed.join(),
      `"${entry.id}"`,
      `"${nonce}"`,
    ];
    const expected = createHmac('sha256', key).update(lines.map((line) => `${line}\n`).join(''));
    expect(got).toEqual({
      status: 200,
      text: answer(visit, allowed),
      snapshot: entry.id,
      signature: expected.digest('hex'),
    });
  });

  it('is given to nobody who does not ask for it', async () => {
    const { status, snapshot, signature } = await asked({});
    expect([status, snapshot, signature]).toEqual([200, null, null]);
  });

  it.each(['short', 'x'.repeat(129), 'spaces are not digits', `${nonce}"`, `${nonce}é`])(
    'is refused for the nonce %s',
    async (wrong) => {
      expect(await asked({ 'x-gate-nonce': wrong })).toMatchObject({
        status: 400,
        text: 'x-gate-nonce is not 16 to 128 characters of base64url or hexadecimal digits.',
        signature: null,
      });
    },
  );
});

it('signs nothing without a key, and answers all the same', async () => {
  await fn.stop();
  fn = await start(data);
  expect(await asked({ 'x-gate-nonce': nonce })).toMatchObject({
    status: 200,
    snapshot: null,
    signature: null,
  });
});
