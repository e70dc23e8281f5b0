import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { httpElementSource } from '#shared/drivers/http/element-source.ts';
import { elementSourceContract } from '../../contracts/element-source.ts';
import { testServer } from './server.ts';

const sourceAt = (url: string, options: { private?: boolean; timeoutMs?: number } = {}) =>
  httpElementSource({ name: 'tested', url, private: false, timeoutMs: 2000, ...options });

for (const header of ['etag', 'last-modified'] as const)
  elementSourceContract(`a URL with ${header}`, async () => {
    let [text, version] = ['', 0];
    const server = await testServer((response, _, request) => {
      const tag = header === 'etag' ? `W/"${version}"` : new Date(version * 1000).toUTCString();
      const asked = request.headers[header === 'etag' ? 'if-none-match' : 'if-modified-since'];
      response.setHeader(header, tag);
      if (asked === tag) response.writeHead(304).end();
      else response.end(text);
    });
    return {
      open: async () => sourceAt(`${server.url}/elements`),
      async give(given) {
        [text, version] = [given, version + 1];
      },
      remove: () => server.close(),
      isConditional: true,
      canBeEmpty: false,
    };
  });

elementSourceContract('a URL that knows no condition', async () => {
  let text = '';
  const server = await testServer((response) => response.end(text));
  return {
    open: async () => sourceAt(server.url),
    async give(given) {
      text = given;
    },
    remove: () => server.close(),
    isConditional: false,
    canBeEmpty: false,
  };
});

describe('a URL', () => {
  const answered = async (answer: (response: ServerResponse) => void, options = {}) => {
    const server = await testServer((response) => answer(response));
    const fetched = await sourceAt(server.url, options).fetch({});
    return fetched.kind === 'new' ? Buffer.from(fetched.bytes).toString() : fetched.kind;
  };

  test('is unpacked where it comes gzipped', async () => {
    const packed = gzipSync('text of elements');
    expect(await answered((response) => response.setHeader('content-encoding', 'gzip').end(packed))).toBe(
      'text of elements',
    );
  });

  const failures: [string, (response: ServerResponse) => void, RegExp, string][] = [
    [
      '429',
      (reply) => reply.writeHead(429).end('slow down'),
      /answers 429 \(too many requests\)/,
      'UNAVAILABLE',
    ],
    ['500', (reply) => reply.writeHead(500).end('oops'), /answers 500 when it is asked/, 'UNAVAILABLE'],
    ['403', (reply) => reply.writeHead(403).end('no'), /answers 403 \(forbidden\)/, 'REFUSED'],
    ['304 unasked', (reply) => reply.writeHead(304).end(), /answers 304/, 'UNAVAILABLE'],
    ['silence', () => {}, /no whole answer within 0\.3 s/, 'UNAVAILABLE'],
    ['a body that is cut', cut, /does not answer: terminated/, 'UNAVAILABLE'],
    ['a body that drips', drip, /no whole answer within 0\.3 s/, 'UNAVAILABLE'],
    ['a bomb', bomb, /answers more than the 134217728 bytes allowed/, 'UNAVAILABLE'],
  ];
  test.each(failures)('that answers %s fails in a sentence', async (_, answer, sentence, code) => {
    const timeoutMs = answer === bomb ? 10_000 : 300;
    await expect(answered(answer, { timeoutMs })).rejects.toMatchObject({
      message: expect.stringMatching(sentence),
      code: `NS_DEPENDENCY_${code}`,
    });
  });

  test('is followed elsewhere, unless it is private', async () => {
    const there = await testServer((response) => response.end('elements'));
    const server = await testServer((response) => response.writeHead(302, { location: there.url }).end());
    const fetched = await sourceAt(server.url).fetch({});
    expect(fetched.kind === 'new' && Buffer.from(fetched.bytes).toString()).toBe('elements');
    await expect(sourceAt(server.url, { private: true }).fetch({})).rejects.toThrow(
      'answers 302 (a redirection, not followed)',
    );
    expect(there.received).toHaveLength(1);
  });

  test('tells how much has come', async () => {
    const server = await testServer((response) => response.end('x'.repeat(100_000)));
    const counts: number[] = [];
    await sourceAt(server.url).fetch({ onBytes: (count) => counts.push(count) });
    expect(counts.at(-1)).toBe(100_000);
  });
});

function cut(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('half of it', () => response.destroy());
}

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('x'), 50);
  response.on('close', () => clearInterval(timer));
}

/** 130 kB that unpack to more than is allowed. */
function bomb(response: ServerResponse): void {
  response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(135_000_000)));
}
