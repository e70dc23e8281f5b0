import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '#shared/drivers/http/request.ts';

/** An answer of a gate, as it stands on the wire. */
export interface GateAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request for an allow list: its body, and the headers that it came with. */
export interface GateQuestion {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a bad replica does with a question for an allow list that the true one has answered with 200. */
export type Lie = (answer: GateAnswer, question: GateQuestion, reply: ServerResponse) => void | Promise<void>;

/** A way to a real sattle-check on which its answers to allow-list requests can be changed. */
export interface Liar extends AsyncDisposable {
  /** Base URL of this end. */
  readonly url: string;
  /** Requests for an allow list so far. */
  readonly asked: number;
  /** What it does from now on; nothing: it hands on what the true gate says. */
  tell(lie?: Lie): void;
}

/** @param truth base URL of the real one, asked for at each request */
export async function openLiar(truth: () => string): Promise<Liar> {
  let lie: Lie | undefined;
  let asked = 0;
  const server = createServer(async (incoming, reply) => {
    const question = {
      path: incoming.url!,
      headers: headersOf(incoming.headers),
      body: await text(incoming),
    };
    const isList = question.path.endsWith('/diasource_allow_list');
    if (isList) asked += 1;
    // Kept for the whole exchange: a mended gate does not answer a question from before.
    const told = isList ? lie : undefined;
    const answer = await askTruth(truth(), question).catch(() => undefined);
    // A true gate that is gone makes this one gone, too.
    if (!answer) reply.destroy();
    else if (told && answer.status === 200) await told(answer, question, reply);
    else give(reply, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The replica has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    get asked() {
      return asked;
    },
    tell(next) {
      lie = next;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const headersOf = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );

async function askTruth(url: string, { path, headers, body }: GateQuestion): Promise<GateAnswer> {
  const answer = await request('the true gate', `${url}${path}`, {
    method: 'PUT',
    headers: ofTheGate(headers),
    body,
    timeoutMs: 10_000,
  });
  return { status: answer.status, headers: headersOf(answer.headers), body: answer.text };
}

const ofTheGate = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('x-gate')));

/** Gives an answer, whole. */
export function give(reply: ServerResponse, { status, headers, body }: GateAnswer): void {
  reply.writeHead(status, ofTheGate(headers)).end(body);
}

interface AllowList {
  visit_id: string;
  detector_id: string;
  allow_list: string[];
}

/** An allow list with its numbers as text, since ids do not fit a double; and back. */
export const readList = (body: string): AllowList => JSON.parse(body.replace(/(?<=[[:,]\s*)(\d+)/g, '"$1"'));
export const writeList = (list: AllowList): string => JSON.stringify(list).replace(/"(\d+)"/g, '$1');

/** A lie that gives another list, with the headers of the true answer. */
export const otherList =
  (change: (list: AllowList, asked: string[]) => AllowList): Lie =>
  (answer, question, reply) => {
    const asked = [...question.body.matchAll(/"diasource_id":\s*(\d+)/g)].map(([, id]) => id!);
    give(reply, { ...answer, body: writeList(change(readList(answer.body), asked)) });
  };

const next = (id: string, by: bigint): string => String(BigInt(id) + by);

/** Answers that no gate gives to this question; each is to be noticed, whether answers are signed or not. */
export const noticeable: Readonly<Record<string, { readonly lie: Lie; readonly why: RegExp }>> = {
  'a foreign id': {
    lie: otherList((list, asked) => ({ ...list, allow_list: [...list.allow_list, next(asked.at(-1)!, 1n)] })),
    why: /an id in allow_list that was not asked for/,
  },
  'more ids than asked for': {
    lie: otherList((list, asked) => ({
      ...list,
      allow_list: [...asked, ...asked.map((id) => next(id, 500n))],
    })),
    why: /an id in allow_list that was not asked for/,
  },
  'an id twice': {
    lie: otherList((list) => ({ ...list, allow_list: [...list.allow_list, list.allow_list[0]!] })),
    why: /an id in allow_list that was not asked for, or twice/,
  },
  'another visit': {
    lie: otherList((list) => ({ ...list, visit_id: next(list.visit_id, 1n) })),
    why: /200, not about visit/,
  },
  'another detector': {
    lie: otherList((list) => ({ ...list, detector_id: next(list.detector_id, 1n) })),
    why: /200, not about detector/,
  },
  'ids as text': {
    lie: (answer, _, reply) => give(reply, { ...answer, body: JSON.stringify(readList(answer.body)) }),
    why: /not about visit/,
  },
  'HTML with 200': {
    lie: (_, __, reply) => give(reply, html(200)),
    why: /no JSON object/,
  },
  'an error page': { lie: (_, __, reply) => give(reply, html(502)), why: /answers 502/ },
  'half an answer, as if whole': {
    lie: (answer, _, reply) =>
      give(reply, { ...answer, body: answer.body.slice(0, answer.body.lastIndexOf(',')) }),
    why: /no JSON object/,
  },
  'a connection cut within the answer': {
    lie(answer, _, reply) {
      reply.writeHead(200, { 'content-length': answer.body.length });
      reply.write(answer.body.slice(0, -2), () => reply.destroy());
    },
    why: /does not answer/,
  },
  'no answer within 5 s': {
    lie: async (answer, _, reply) => {
      await sleep(6000, undefined, { ref: false });
      give(reply, answer);
    },
    why: /does not answer: no answer within 5000 ms/,
  },
  'an answer that drips': {
    async lie(answer, _, reply) {
      for (const character of answer.body) {
        if (reply.destroyed) return;
        reply.write(character);
        await sleep(300, undefined, { ref: false });
      }
      reply.end();
    },
    why: /does not answer: no answer within 5000 ms/,
  },
};

/** Spoils the first answer, so that the question is asked again, and then gives that one. */
function giveAgain(): Lie {
  let first: GateAnswer | undefined;
  return (answer, _, reply) => {
    give(reply, first ?? html(502));
    first ??= answer;
  };
}

/** Answers that only a signature gives away; the first two of them change what goes out. */
export const signedOnly: Readonly<Record<string, { readonly lie: Lie; readonly why: RegExp }>> = {
  'a removed id put back': {
    lie: otherList((list, asked) => {
      const removed = asked.filter((id) => !list.allow_list.includes(id));
      return { ...list, allow_list: [...list.allow_list, removed[0]!] };
    }),
    why: /a signature that GATE_KEY of here does not make/,
  },
  'an allowed id left out': {
    lie: otherList((list) => ({ ...list, allow_list: list.allow_list.slice(1) })),
    why: /a signature that GATE_KEY of here does not make/,
  },
  'no signature': {
    lie: (answer, _, reply) => give(reply, { ...answer, headers: {} }),
    why: /without a signature/,
  },
  'another catalogue': {
    lie: (answer, _, reply) =>
      give(reply, { ...answer, headers: { ...answer.headers, 'x-gate-snapshot': 'another' } }),
    why: /a signature that GATE_KEY of here does not make/,
  },
  'an earlier answer to the same question': {
    lie: giveAgain(),
    why: /a signature that GATE_KEY of here does not make/,
  },
};

const html = (status: number): GateAnswer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<!doctype html><title>Maintenance</title><p>Back soon.</p>',
});
