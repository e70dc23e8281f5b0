import type { GateSource, GateVisit } from '#shared/domain/satellites/gate-question.ts';
import { gateSignature } from '#shared/domain/satellites/gate-signature.ts';
import { httpSatelliteGate } from '#shared/drivers/http/satellite-gate.ts';
import { type Received, reply, testServer } from './server.ts';

export const visit: GateVisit = {
  visit: 2025121900283n,
  beginMjdTai: 61028.12345678901,
  endMjdTai: 61028.12380401123,
  boresightRaDeg: 53.1,
  boresightDecDeg: -28.1,
  historical: false,
};
export const detector = 130;
// Above 2^53, and neighbours that are one number as doubles.
export const ids = [169760235333878021n, 169760235333878022n, 169760235333878023n] as const;
export const bbox = [
  [53.123456, -28.154321],
  [53.223456, -28.154321],
  [53.223456, -28.254321],
  [53.123456, -28.254321],
] as const;
export const sources: readonly GateSource[] = ids.map((diaSourceId) => ({ diaSourceId, bbox }));

export const unavailable = { code: 'NS_DEPENDENCY_UNAVAILABLE', dependency: 'sattle' };
/** What a text shows that tells of a source: digits of its id or of its place. */
export const telling = /697602353338780|[15]4321|[12]23456/;

type Answer = Parameters<typeof testServer>[0];

/** A gate that takes every visit that it is told, and answers questions as a test wishes; those are what it received. */
export async function gateServer(answer: Answer) {
  const server = await testServer((response, received, request) =>
    received.url === '/visit_cache' ? reply(response, 200, 'told') : answer(response, received, request),
  );
  return {
    url: server.url,
    get received() {
      return server.received.filter(({ url }) => url !== '/visit_cache');
    },
  };
}

/** Asks for the allow list of `sources`, and keeps what failed. */
export function asking(
  replicas: readonly string[],
  {
    key,
    of = sources,
    number = detector,
    told = visit,
  }: { key?: string; of?: readonly GateSource[]; number?: number; told?: GateVisit } = {},
) {
  const failures: string[] = [];
  const gate = httpSatelliteGate({ replicas, key: () => key });
  const allowed = (signal?: AbortSignal) =>
    gate.allowed(told, number, of, { signal, failed: (reason) => failures.push(reason) });
  return { allowed, failures };
}

export const allowing = (list: string): string =>
  `{"visit_id":${visit.visit},"detector_id":${detector},"allow_list":${list}}`;

export const askedIn = (body: string): bigint[] =>
  [...body.matchAll(/"diasource_id":(\d+)/g)].map(([, id = '']) => BigInt(id));

/** The two headers of an answer that allows `allowed` of what was received. */
export const signedBy = (
  key: string,
  { body, headers }: Received,
  allowed: readonly bigint[],
  snapshotId = '20251220T050000Z',
): Record<string, string> => ({
  'x-gate-snapshot': snapshotId,
  'x-gate-signature': gateSignature(key, {
    ...{ visit: visit.visit, detector, asked: askedIn(body), allowed, snapshotId },
    nonce: String(headers['x-gate-nonce']),
  }),
});
