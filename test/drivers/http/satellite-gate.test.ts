import { Fault } from 'openfaas-sdk-ts';
import { describe, expect, test } from 'vitest';
import {
  allowing,
  askedIn,
  asking,
  bbox,
  gateServer,
  ids,
  signedBy,
  sources,
  unavailable,
  visit,
} from './gate-questions.ts';
import { type Received, reply, testServer } from './server.ts';

type Response = Parameters<typeof reply>[0];

const answering = (list: string) => gateServer((response) => reply(response, 200, allowing(list)));
const paths = ({ received }: { received: readonly Received[] }) => received.map(({ url }) => url);
/** Nothing listens there. */
const nobody = 'http://127.0.0.1:1';

describe('a question to the satellite gate', () => {
  test('asks with bare 64-bit integers, and reads the allowed ones to the last digit', async () => {
    const server = await answering(`[${ids[2]},${ids[0]}]`);
    const { allowed, failures } = asking([server.url]);
    expect(await allowed()).toEqual(new Set([ids[2], ids[0]]));
    const [{ method, url, body, headers }] = server.received as [Received];
    expect([method, url]).toEqual(['PUT', '/diasource_allow_list']);
    expect(body).toContain('{"diasource_id":169760235333878021,"bbox":[[53.123456,-28.154321],');
    expect(body).toContain('"visit_id":2025121900283,"detector_id":130,');
    expect(body).toContain('"historical":false');
    // Without a key it says nothing that the original's client does not.
    expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual([]);
    expect(failures).toEqual([]);
  });

  test('an empty list is an answer, and a single source may come doubly wrapped', async () => {
    expect(await asking([(await answering('[]')).url]).allowed()).toEqual(new Set());
    const one = asking([(await answering(`[[${ids[0]}]]`)).url], { of: sources.slice(0, 1) });
    expect(await one.allowed()).toEqual(new Set([ids[0]]));
  });

  test('no sources are no question', async () => {
    const server = await answering('[]');
    expect(await asking([server.url], { of: [] }).allowed()).toEqual(new Set());
    expect(server.received).toEqual([]);
  });

  test('tells the visit in the original’s form before it asks, and both once more where the gate has lost it', async () => {
    let visits = 0;
    const server = await testServer((response, { url }) => {
      if (url === '/visit_cache') visits++;
      if (url === '/visit_cache') reply(response, 200, 'computed');
      else if (visits > 1) reply(response, 200, allowing(`[${ids[1]}]`));
      else reply(response, 404, 'Provided visit 2025121900283 not present in cache!.');
    });
    const { allowed, failures } = asking([server.url]);
    expect(await allowed()).toEqual(new Set([ids[1]]));
    const once = ['/visit_cache', '/diasource_allow_list'];
    expect(paths(server)).toEqual([...once, ...once]);
    expect(server.received[0]?.body).toBe(
      '{"visit_id":2025121900283,"exposure_start_mjd":61028.12345678901,"exposure_end_mjd":61028.12380401123,' +
        '"boresight_ra":53.1,"boresight_dec":-28.1,"historical":false}',
    );
    expect(failures).toEqual([]);
  });

  test('believes no answer about a visit that somebody told otherwise', async () => {
    const server = await testServer((response, { url }) =>
      url === '/visit_cache'
        ? reply(response, 400, 'Visit 2025121900283 was told before with other times or another boresight.')
        : reply(response, 200, allowing(`[${ids}]`)),
    );
    const { allowed, failures } = asking([server.url]);
    await expect(allowed()).rejects.toThrow(/answers 400 to \/visit_cache: Visit #+ was told before/);
    expect(failures).toEqual(['refused']);
  });

  test('a gate that forgets at once is asked only twice', async () => {
    const server = await testServer((response, { url }) =>
      reply(response, url === '/visit_cache' ? 200 : 404, '{}'),
    );
    const { allowed, failures } = asking([server.url]);
    await expect(allowed()).rejects.toMatchObject(unavailable);
    expect(server.received).toHaveLength(4);
    expect(failures).toEqual(['unknown_visit']);
  });

  test('is not asked again where the caller’s own signal ends it, which is nobody’s failure', async () => {
    const server = await testServer(() => {});
    const stop = new AbortController();
    const reason = new Fault('NS_STOPPED', 'The process was told to stop.');
    setTimeout(() => stop.abort(reason), 50);
    const { allowed, failures } = asking([server.url]);
    await expect(allowed(stop.signal)).rejects.toBe(reason);
    expect(server.received).toHaveLength(1);
    expect(failures).toEqual([]);
  });

  test('of five thousand sources goes in requests that the original’s server takes', async () => {
    // As many digits as a double has.
    const long = bbox.map(([ra, dec]) => [ra + Math.PI / 1e7, dec - Math.PI / 1e7] as const);
    const many = Array.from({ length: 5000 }, (_, n) => ({ diaSourceId: ids[0] + BigInt(n), bbox: long }));
    const server = await gateServer((response, { body }) =>
      reply(response, 200, allowing(`[${askedIn(body).filter((id) => id % 10n === 7n)}]`)),
    );
    const allowed = await asking([server.url], { of: many }).allowed();
    expect(allowed.size).toBe(500);
    for (const { body } of server.received) expect(Buffer.byteLength(body)).toBeLessThan(1 << 20);
  });
});

describe('of several replicas', () => {
  const failing: readonly (readonly [string, number, (response: Response, received: Received) => void])[] = [
    ['breaks off', 2, (response) => response.destroy()],
    [
      'breaks off in its answer',
      2,
      (response) => void response.writeHead(200).write('{', () => response.destroy()),
    ],
    ['has too much to do', 1, (response) => reply(response, 429, 'later')],
    [
      'has a stale catalogue',
      2,
      (response) => reply(response, 503, 'Nothing can be allowed: it is 25 h old'),
    ],
    ['stands behind a gateway that does not find it', 2, (response) => reply(response, 502, '<html>')],
    [
      'does not learn the visit',
      4,
      (response, { url }) => reply(response, url === '/visit_cache' ? 200 : 404, ''),
    ],
  ];
  test.each(failing)('another one answers where the first %s', async (_what, asked, fail) => {
    const [bad, good] = [await testServer(fail), await answering(`[${ids[1]}]`)];
    const [first, second] = [asking([bad.url, good.url]), asking([good.url, bad.url])];
    expect(await first.allowed()).toEqual(new Set([ids[1]]));
    expect(await second.allowed()).toEqual(new Set([ids[1]]));
    // One of the two orders begins with the bad one, and asks the good one before it comes back to it.
    expect([...first.failures, ...second.failures]).toHaveLength(1);
    const alone = asking([bad.url]);
    bad.received.length = 0;
    await expect(alone.allowed()).rejects.toMatchObject(unavailable);
    expect(bad.received).toHaveLength(asked);
  });

  test('each that does not answer is asked twice, the others first', async () => {
    const bad = [
      await testServer((response) => response.destroy()),
      await testServer((response) => response.destroy()),
    ];
    const { allowed, failures } = asking([...bad.map(({ url }) => url), nobody]);
    await expect(allowed()).rejects.toMatchObject(unavailable);
    expect(bad.map(({ received }) => received.length)).toEqual([2, 2]);
    expect(failures).toEqual(Array(6).fill('no_answer'));
  });

  test('none is asked after one that says what no gate would say', async () => {
    const servers = [await answering('["all"]'), await answering('["all"]')];
    const { allowed } = asking(servers.map(({ url }) => url));
    await expect(allowed()).rejects.toMatchObject(unavailable);
    expect(servers.flatMap(paths)).toHaveLength(1);
  });

  test('a visit’s detectors begin with each alike, and a detector of the next visit with another', async () => {
    const echo = (response: Response, { body }: Received) => {
      const [, of, number] = /"visit_id":(\d+),"detector_id":(\d+)/.exec(body) ?? [];
      reply(response, 200, `{"visit_id":${of},"detector_id":${number},"allow_list":[]}`);
    };
    const servers = await Promise.all([0, 1, 2].map(() => gateServer(echo)));
    const urls = servers.map(({ url }) => url);
    const counts = () => servers.map(({ received }) => received.length);
    await Promise.all(Array.from({ length: 189 }, (_, number) => asking(urls, { number }).allowed()));
    expect(counts()).toEqual([63, 63, 63]);
    for (let next = 0n; next < 3n; next++)
      await asking(urls, { told: { ...visit, visit: visit.visit + next } }).allowed();
    expect(counts()).toEqual([64, 64, 64]);
  });
});

describe('with GATE_KEY', () => {
  const key = 'a key of the gate';
  const list = [ids[2], ids[0]];
  const body = allowing(`[${list}]`);

  test('takes an answer that is signed over what it asked, each time with another nonce', async () => {
    const server = await gateServer((response, received) =>
      reply(response, 200, body, signedBy(key, received, list)),
    );
    const { allowed } = asking([server.url], { key });
    expect(await allowed()).toEqual(new Set(list));
    expect(await allowed()).toEqual(new Set(list));
    const nonces = server.received.map(({ headers }) => headers['x-gate-nonce']);
    for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(nonces).size).toBe(2);
  });

  const wrong: readonly (readonly [string, (received: Received) => Record<string, string>])[] = [
    ['none', () => ({})],
    ['one of another key', (received) => signedBy('another key', received, list)],
    ['one of an answer that allows less', (received) => signedBy(key, received, [ids[2]])],
    ['one of the same ids in another order', (received) => signedBy(key, received, [ids[0], ids[2]])],
    [
      'one of another catalogue than it names',
      (received) => ({ ...signedBy(key, received, list), 'x-gate-snapshot': 'other' }),
    ],
    [
      'one without its catalogue',
      (received) => ({ 'x-gate-signature': signedBy(key, received, list)['x-gate-signature'] ?? '' }),
    ],
    [
      'one of an earlier nonce',
      (received) => signedBy(key, { ...received, headers: { 'x-gate-nonce': 'earlier' } }, list),
    ],
    [
      'one of fewer ids asked',
      (received) => signedBy(key, { ...received, body: received.body.replace(String(ids[1]), '') }, list),
    ],
  ];
  test.each(wrong)('takes no answer whose signature is %s', async (_what, sign) => {
    const server = await gateServer((response, received) => reply(response, 200, body, sign(received)));
    const { allowed, failures } = asking([server.url, nobody], { key });
    await expect(allowed()).rejects.toMatchObject(unavailable);
    expect(
      server.received.length + failures.filter((reason) => reason === 'no_answer').length,
    ).toBeGreaterThan(0);
    expect(failures.at(-1)).toBe('bad_signature');
  });

  describe('of a detector that is asked for in parts', () => {
    const many = Array.from({ length: 4001 }, (_, n) => ({ diaSourceId: ids[0] + BigInt(n), bbox }));
    const part = (response: Response, received: Received, snapshot: string) => {
      const asked = askedIn(received.body);
      reply(response, 200, allowing(`[${asked}]`), signedBy(key, received, asked, snapshot));
    };

    test('takes parts that one catalogue judged, from the replica that answered the first', async () => {
      const busy = await testServer((response) => reply(response, 503, 'starting'));
      const free = await gateServer((response, received) => part(response, received, 'a'));
      const urls = [busy.url, free.url];
      for (const replicas of [urls, urls.toReversed()])
        expect((await asking(replicas, { key, of: many }).allowed()).size).toBe(4001);
      expect(busy.received).toHaveLength(1);
    });

    test('takes none where the catalogue changed in between', async () => {
      const server = await gateServer((response, received) =>
        part(response, received, askedIn(received.body).length > 1 ? 'a' : 'b'),
      );
      const { allowed, failures } = asking([server.url], { key, of: many });
      await expect(allowed()).rejects.toMatchObject(unavailable);
      expect(failures).toEqual(['catalogue_changed']);
    });
  });
});
