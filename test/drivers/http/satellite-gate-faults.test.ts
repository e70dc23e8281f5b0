import { once } from 'node:events';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isFault } from 'openfaas-sdk-ts';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { GateFailure } from '#shared/domain/satellites/gate-question.ts';
import { allowing, asking, bbox, gateServer, ids, sources, telling, unavailable } from './gate-questions.ts';
import { reply } from './server.ts';

// Whatever is not exactly the answer to what was asked lets nothing through: each way in which a gate, or something
// between it and its client, was ever thought to go wrong, against a server that goes wrong so.

const own = { visit: '2025121900283', detector: '130' };
const echo = (visit: string, detector: string, list = `[${ids[0]}]`) =>
  `{"visit_id":${visit},"detector_id":${detector},"allow_list":${list}}`;
const sourceText = JSON.stringify({ id: String(ids[0]), bbox });

const bodies: readonly (readonly [string, GateFailure, string])[] = [
  ['another visit', 'wrong_echo', echo('2025121900284', '130')],
  ['another detector', 'wrong_echo', echo(own.visit, '131')],
  ['its visit as text', 'wrong_echo', echo(`"${own.visit}"`, '130')],
  ['its visit as a double', 'wrong_echo', echo(`${own.visit}.0`, '130')],
  ['no visit', 'wrong_echo', `{"detector_id":130,"allow_list":[${ids[0]}]}`],
  ['no detector', 'wrong_echo', `{"visit_id":${own.visit},"allow_list":[${ids[0]}]}`],
  ['its detector as null', 'wrong_echo', echo(own.visit, 'null')],
  ['an id that was not asked for', 'foreign_id', allowing('[169760235333878024]')],
  ['all ids and one more', 'foreign_id', allowing(`[${ids},169760235333878024]`)],
  ['an id less 2^64', 'foreign_id', allowing(`[${ids[0] - (1n << 64n)}]`)],
  ['an id twice', 'foreign_id', allowing(`[${ids[0]},${ids[0]}]`)],
  ['an id as a double', 'unreadable', allowing('[169760235333878021.0]')],
  ['an id with an exponent', 'unreadable', allowing('[1.69760235333878021e17]')],
  ['the double next to an id', 'foreign_id', allowing('[169760235333878020]')],
  ['a fraction', 'unreadable', allowing('[0.5]')],
  ['an id as text', 'unreadable', allowing('["169760235333878021"]')],
  ['null among the ids', 'unreadable', allowing(`[${ids[0]},null]`)],
  ['ids as objects', 'unreadable', allowing(`[{"diasource_id":${ids[0]}}]`)],
  ['a list in a list for several sources', 'unreadable', allowing(`[[${ids[0]}]]`)],
  ['no list', 'unreadable', `{"visit_id":${own.visit},"detector_id":130}`],
  ['null as the list', 'unreadable', allowing('null')],
  ['an object as the list', 'unreadable', allowing(`{"0":${ids[0]},"length":1}`)],
  ['a text as the list', 'unreadable', allowing('"all"')],
  ['true as the list', 'unreadable', allowing('true')],
  ['another key of the list', 'unreadable', allowing('[]').replace('allow_list', 'id_allow_list')],
  ['half an answer', 'unreadable', allowing(`[${ids[0]}]`).slice(0, -2)],
  ['two answers', 'unreadable', allowing('[]').repeat(2)],
  ['an answer and more', 'unreadable', `${allowing('[]')}<!-- proxy -->`],
  ['the page of a proxy', 'unreadable', '<!doctype html><html><body>OK</body></html>'],
  ['what was asked', 'wrong_echo', sourceText],
  ['nothing', 'unreadable', ''],
  ['null', 'unreadable', 'null'],
  ['a list alone', 'wrong_echo', `[${ids[0]}]`],
  ['a number', 'unreadable', String(ids[0])],
  ['lists deeper than a stack', 'unreadable', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['lists deeper than a stack as the list', 'unreadable', allowing('['.repeat(30_000) + ']'.repeat(30_000))],
];

describe('nothing passes on a 200 with', () => {
  test.each(bodies)('%s', async (_what, reason, body) => {
    const server = await gateServer((response) => reply(response, 200, body));
    const { allowed, failures } = asking([server.url]);
    const error = await allowed().catch((error: unknown) => error);
    expect(error).toMatchObject(unavailable);
    expect(String(error)).not.toMatch(telling);
    expect(failures).toEqual([reason]);
    expect(server.received).toHaveLength(1);
  });

  test('a body that was compressed unasked', async () => {
    const server = await gateServer((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(allowing('[]'))),
    );
    const { allowed, failures } = asking([server.url]);
    await expect(allowed()).rejects.toMatchObject(unavailable);
    expect(failures).toEqual(['unreadable']);
  });

  test('more bytes than a list of what was asked could have', async () => {
    const server = await gateServer((response) => reply(response, 200, ' '.repeat(66_600) + allowing('[]')));
    const { allowed, failures } = asking([server.url]);
    await expect(allowed()).rejects.toThrow(/its answer is longer than 66\d{3} bytes/);
    expect(failures).toEqual(['no_answer', 'no_answer']);
  });
});

const statuses: readonly (readonly [number, GateFailure, string])[] = [
  ...[201, 202, 203, 206, 300, 400, 405, 409, 413, 418].map(
    (status) => [status, 'refused', unavailable.code] as const,
  ),
  ...[500, 502, 503, 504].map((status) => [status, 'failing', unavailable.code] as const),
  ...[301, 302, 307, 308].map((status) => [status, 'refused', unavailable.code] as const),
  [429, 'overloaded', unavailable.code],
  [401, 'unauthorized', 'NS_DEPENDENCY_REFUSED'],
  [403, 'unauthorized', 'NS_DEPENDENCY_REFUSED'],
];

describe('nothing passes on a status', () => {
  test.each(statuses)('%d with an answer that would be right', async (status, reason, code) => {
    const right = await gateServer((response) => reply(response, 200, allowing(`[${ids}]`)));
    const server = await gateServer((response) =>
      reply(response, status, allowing(`[${ids}]`), { location: `${right.url}/diasource_allow_list` }),
    );
    const { allowed, failures } = asking([server.url]);
    const error = await allowed().catch((error: unknown) => error);
    expect(error).toMatchObject({ code, dependency: 'sattle' });
    expect(String(error)).toContain(`answers ${status}`);
    expect(String(error)).not.toMatch(telling);
    // What fails is asked twice.
    expect(failures).toEqual(Array(reason === 'failing' ? 2 : 1).fill(reason));
    expect(right.received).toEqual([]);
  });

  test('204', async () => {
    const server = await gateServer((response) => response.writeHead(204).end());
    await expect(asking([server.url]).allowed()).rejects.toMatchObject(unavailable);
  });

  test('of a refusal, whose reason is told without its digits', async () => {
    const text = `Column bbox is not on the sky: ${sourceText}\nTraceback`;
    const server = await gateServer((response) => reply(response, 400, text));
    const error = await asking([server.url]).allowed().catch(String);
    expect(error).toMatch(
      /^Fault: sattle at http:\/\/127\.0\.0\.1:\d+ answers 400 to \/diasource_allow_list: Column bbox is/,
    );
    expect(error).toContain('"id":"##################"');
    expect(error).not.toContain('Traceback');
  });
});

/** A server that says these bytes, whatever it is asked, and hangs up. */
async function rawServer(said: () => Uint8Array): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => socket.end(said()));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return typeof address === 'object' ? `http://127.0.0.1:${address?.port}` : '';
}

/** A subset of what was asked, or a fault of the gate that tells nothing: there is no third way. */
async function expectClosed(asked: Promise<Set<bigint>>): Promise<'answered' | 'refused'> {
  try {
    const allowed = await asked;
    for (const id of allowed) expect(ids).toContain(id);
    return 'answered';
  } catch (error) {
    expect(error).toSatisfy((error) => isFault(error) && error.dependency === 'sattle');
    const { message, cause } = error as Error;
    expect(`${message} ${cause}`).not.toMatch(telling);
    return 'refused';
  }
}

describe('whatever is answered, only ids that were asked for pass', () => {
  test('to what says so in HTTP', async () => {
    let said = { status: 200, body: '', headers: {} };
    const server = await gateServer((response) => reply(response, said.status, said.body, said.headers));
    const list = fc.array(
      fc.oneof(fc.constantFrom(...ids), fc.bigInt(), fc.double({ noNaN: true }), fc.string()),
    );
    const nearly = fc
      .record({
        visit: fc.constantFrom('2025121900283', '2025121900284', 'null'),
        detector: fc.constantFrom('130', '131', '"130"'),
        list: fc.oneof(fc.subarray<bigint | number | string>([...ids]), list),
      })
      .map(({ visit, detector, list }) =>
        echo(
          visit,
          detector,
          `[${list.map((one) => (typeof one === 'bigint' ? one : JSON.stringify(one)))}]`,
        ),
      );
    const cut = fc.tuple(nearly, fc.nat(100)).map(([body, length]) => body.slice(0, length));
    const answer = fc.record({
      status: fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 })),
      body: fc.oneof({ weight: 3, arbitrary: nearly }, cut, fc.json(), fc.string()),
      headers: fc.constantFrom({}, { 'content-type': 'text/html' }, { 'x-gate-signature': 'a'.repeat(64) }),
    });
    const ends = { answered: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(answer, async (one) => {
        said = one;
        ends[await expectClosed(asking([server.url]).allowed())] += 1;
        // Signed by nobody who has the key, not even a right answer passes.
        expect(await expectClosed(asking([server.url], { key: 'k' }).allowed())).toBe('refused');
      }),
      { numRuns: 200 },
    );
    expect(ends.answered).toBeGreaterThan(0);
    expect(ends.refused).toBeGreaterThan(ends.answered);
  });

  test('to bytes that are hardly HTTP', async () => {
    let said = Buffer.alloc(0);
    const url = await rawServer(() => said);
    const body = allowing(`[${ids}]`);
    const right = Buffer.from(
      `HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    const change = fc.record({ at: fc.nat(right.length - 1), byte: fc.nat(255) });
    const answer = fc.record({
      changes: fc.array(change, { maxLength: 3 }),
      length: fc.nat(right.length + 20),
    });
    await fc.assert(
      fc.asyncProperty(answer, async ({ changes, length }) => {
        said = Buffer.concat([right.subarray(0, length)]);
        for (const { at, byte } of changes) if (at < said.length) said[at] = byte;
        await expectClosed(asking([url]).allowed());
      }),
      { numRuns: 200 },
    );
    said = right;
    expect(await asking([url]).allowed()).toEqual(new Set(sources.map(({ diaSourceId }) => diaSourceId)));
  });
});
