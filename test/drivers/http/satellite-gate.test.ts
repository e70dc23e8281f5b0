import { describe, expect, test } from 'vitest';
import { httpSatelliteGate } from '#shared/drivers/http/satellite-gate.ts';
import { type Received, reply, testServer } from './server.ts';

const visit = {
  visit: 2025121900283n,
  beginMjdTai: 61028.12345678901,
  endMjdTai: 61028.12380401123,
  boresightRaDeg: 53.1,
  boresightDecDeg: -28.1,
};
// Above 2^53, and neighbours that are one number as doubles.
const ids = [169760235333878021n, 169760235333878022n, 169760235333878023n];
const bbox = [
  [53.1, -28.1],
  [53.2, -28.1],
  [53.2, -28.2],
  [53.1, -28.2],
] as const;
const sources = ids.map((diaSourceId) => ({ diaSourceId, bbox }));
const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'sattle' };

const allowing = (list: string) => `{"visit_id":2025121900283,"detector_id":130,"allow_list":${list}}`;
const answering = (list: string) => testServer((response) => reply(response, 200, allowing(list)));

describe('satellite-gate by HTTP', () => {
  test('tells a visit in the original’s form', async () => {
    const server = await testServer((response) => reply(response, 200, 'computed'));
    await httpSatelliteGate({ url: `${server.url}/` }).announceVisit(visit, {});
    const [{ method, url, body }] = server.received;
    expect([method, url]).toEqual(['PUT', '/visit_cache']);
    expect(body).toBe(
      '{"visit_id":2025121900283,"exposure_start_mjd":61028.12345678901,"exposure_end_mjd":61028.12380401123,' +
        '"boresight_ra":53.1,"boresight_dec":-28.1,"historical":false}',
    );
  });

  test('asks with bare 64-bit integers, and reads the allowed ones to the last digit', async () => {
    const server = await answering(`[${ids[2]},${ids[0]}]`);
    const gate = httpSatelliteGate({ url: server.url });
    expect(await gate.allowed(visit, 130, sources, {})).toEqual(new Set([ids[2], ids[0]]));
    const [{ method, url, body }] = server.received;
    expect([method, url]).toEqual(['PUT', '/diasource_allow_list']);
    expect(body).toContain('{"diasource_id":169760235333878021,"bbox":[[53.1,-28.1],');
    expect(body).toContain('"visit_id":2025121900283,"detector_id":130,');
  });

  test('an empty list is an answer, and a single source may come doubly wrapped', async () => {
    const none = httpSatelliteGate({ url: (await answering('[]')).url });
    expect(await none.allowed(visit, 130, sources, {})).toEqual(new Set());
    const one = httpSatelliteGate({ url: (await answering(`[[${ids[0]}]]`)).url });
    expect(await one.allowed(visit, 130, [sources[0]], {})).toEqual(new Set([ids[0]]));
  });

  test('no sources are no question', async () => {
    const server = await answering('[]');
    expect(await httpSatelliteGate({ url: server.url }).allowed(visit, 130, [], {})).toEqual(new Set());
    expect(server.received).toEqual([]);
  });

  test('a visit that the gate does not know is told, and the question asked once more', async () => {
    let told = false;
    const answer = (response: Parameters<typeof reply>[0], { url }: Received) => {
      if (url === '/visit_cache') {
        told = true;
        reply(response, 200, 'computed');
      } else if (told) {
        reply(response, 200, allowing(`[${ids[1]}]`));
      } else {
        reply(response, 404, 'Provided visit 2025121900283 not present in cache!');
      }
    };
    const server = await testServer(answer);
    const allowed = await httpSatelliteGate({ url: server.url }).allowed(visit, 130, sources, {});
    expect(allowed).toEqual(new Set([ids[1]]));
    expect(server.received.map(({ url }) => url)).toEqual([
      '/diasource_allow_list',
      '/visit_cache',
      '/diasource_allow_list',
    ]);
  });

  test('a gate that forgets at once is asked only twice', async () => {
    const server = await testServer((response, { url }) =>
      reply(response, url === '/visit_cache' ? 200 : 404, '{}'),
    );
    const asked = httpSatelliteGate({ url: server.url }).allowed(visit, 130, sources, {});
    await expect(asked).rejects.toMatchObject(unavailable);
    expect(server.received).toHaveLength(3);
  });

  test.each([
    ['another visit', `{"visit_id":2025121900284,"detector_id":130,"allow_list":[${ids[0]}]}`],
    ['another detector', `{"visit_id":2025121900283,"detector_id":131,"allow_list":[${ids[0]}]}`],
    ['an id that was not asked for', allowing('[169760235333878024]')],
    ['an id as a double', allowing('[169760235333878021.0]')],
    ['an id as text', allowing('["169760235333878021"]')],
    ['an id twice', allowing(`[${ids[0]},${ids[0]}]`)],
    ['no list', '{"visit_id":2025121900283,"detector_id":130}'],
    ['a list that is none', allowing('"all"')],
    ['another key of the list', `{"visit_id":2025121900283,"detector_id":130,"id_allow_list":[${ids[0]}]}`],
    ['half an answer', allowing('[1').slice(0, -1)],
    ['a page of a proxy', '<html>OK</html>'],
    ['null', 'null'],
  ])('fails closed on %s', async (_what, body) => {
    const server = await testServer((response) => reply(response, 200, body));
    const asked = httpSatelliteGate({ url: server.url }).allowed(visit, 130, sources, {});
    await expect(asked).rejects.toMatchObject(unavailable);
    expect(server.received).toHaveLength(1);
  });

  test.each([201, 204, 400, 413, 500, 503])('fails closed on status %d', async (status) => {
    const server = await testServer((response) =>
      reply(response, status, status === 204 ? '' : allowing('[]')),
    );
    const gate = httpSatelliteGate({ url: server.url });
    await expect(gate.allowed(visit, 130, sources, {})).rejects.toMatchObject(unavailable);
    await expect(gate.announceVisit(visit, {})).rejects.toMatchObject(unavailable);
  });

  test('who does not answer at all is asked twice, 5 s each', async () => {
    const server = await testServer((response) => response.destroy());
    const asked = httpSatelliteGate({ url: server.url }).allowed(visit, 130, sources, {});
    await expect(asked).rejects.toMatchObject(unavailable);
    expect(server.received).toHaveLength(2);
  });

  test('five thousand sources go in requests that the original’s server takes', async () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({
      diaSourceId: ids[0] + BigInt(n),
      bbox: bbox.map(([ra, dec]) => [ra + Math.random() / 7, dec - Math.random() / 7] as const),
    }));
    const server = await testServer((response, { body }) => {
      const asked = [...body.matchAll(/"diasource_id":(\d+)/g)].map(([, id]) => id);
      reply(response, 200, allowing(`[${asked.filter((id) => id.endsWith('7')).join(',')}]`));
    });
    const allowed = await httpSatelliteGate({ url: server.url }).allowed(visit, 130, many, {});
    expect(allowed.size).toBe(500);
    for (const { body } of server.received) expect(Buffer.byteLength(body)).toBeLessThan(1 << 20);
  });
});
