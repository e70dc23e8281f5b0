import { randomBytes } from 'node:crypto';
import { Fault, isFault } from 'openfaas-sdk-ts';
import {
  type GateFailure,
  type GateQuestion,
  type GateVisit,
  maskedText,
  questionBody,
  readAllowList,
  type Unusable,
  visitBody,
} from '../../domain/satellites/gate-question.ts';
import {
  isGateSignature,
  nonceHeader,
  signatureHeader,
  snapshotHeader,
} from '../../domain/satellites/gate-signature.ts';
import type { SatelliteGate } from '../../ports/satellite-gate.ts';
import { type Answer, request } from './request.ts';

const dependency = 'sattle';
const timeoutMs = 5000;
/** Tries of a replica that does not answer, or fails; who has too much to do is not asked at once again. */
const tries = 2;
/** Some 210 bytes a source: what the original's server reads at most is 1 MiB (aiohttp's default). */
const sourcesAtOnce = 4000;

/**
 * An allow list is shorter than the question that it answers; this is for all else. A longer text would only keep the
 * main thread busy: 16 MiB of numbers take 22 s to read.
 */
const spareBytes = 64 * 1024;

/**
 * Failures of one replica, which another may not have. All others say that somebody between here and the gate is not
 * what he should be: nobody else is asked then, and people look.
 */
const ofOneReplica: ReadonlySet<GateFailure> = new Set([
  'no_answer',
  'overloaded',
  'failing',
  'unknown_visit',
]);

const mayDoBetter: ReadonlySet<GateFailure> = new Set(['no_answer', 'failing']);

interface Replica {
  readonly url: string;
  /** Of signed answers; without one they are not signed, as the original's are not. */
  readonly key: string | undefined;
  readonly signal: AbortSignal | undefined;
}

/** What a replica vouches for. */
interface Allowed {
  readonly ids: readonly bigint[];
  /** Told only where the answer is signed. */
  readonly snapshotId?: string;
}

/**
 * Sattle's HTTP contract by one or more replicas. A detector's first question goes to one that its number and the
 * visit's choose, so that a visit's detectors spread; the others follow in turn.
 * @param key GATE_KEY as it is now: a secret that changes is used at once.
 */
export function httpSatelliteGate(gate: {
  replicas: readonly string[];
  key(): string | undefined;
}): SatelliteGate {
  return {
    async allowed(visit, detector, sources, { signal, failed }) {
      const allowed = new Set<bigint>();
      const key = gate.key();
      let urls = startingAt(
        gate.replicas,
        Number((visit.visit + BigInt(detector)) % BigInt(gate.replicas.length)),
      );
      let snapshotId: string | undefined;
      for (let from = 0; from < sources.length; from += sourcesAtOnce) {
        const question = { visit, detector, sources: sources.slice(from, from + sourcesAtOnce) };
        const { answer, by } = await askInTurn(urls, question, { key, signal, failed });
        if (from > 0 && answer.snapshotId !== snapshotId) {
          const why = '200 by another catalogue than it judged the detector’s first sources by';
          throw unusable(by, { reason: 'catalogue_changed', why }, failed);
        }
        snapshotId = answer.snapshotId;
        for (const id of answer.ids) allowed.add(id);
        // The parts of one detector go to one replica where they can, and so are judged by one catalogue.
        urls = startingAt(urls, urls.indexOf(by));
      }
      return allowed;
    },
    async close() {},
  };
}

const startingAt = (urls: readonly string[], first: number): readonly string[] => [
  ...urls.slice(first),
  ...urls.slice(0, first),
];

/** Asks each replica in turn, and those that may do better the next time once more. */
async function askInTurn(
  urls: readonly string[],
  question: GateQuestion,
  { failed, ...asker }: Omit<Replica, 'url'> & { failed(reason: GateFailure): void },
): Promise<{ answer: Allowed; by: string }> {
  const done = new Set<string>();
  let last: Fault | undefined;
  for (const url of Array.from({ length: tries }, () => urls).flat()) {
    if (done.has(url)) continue;
    const answer = await ask({ ...asker, url }, question);
    if ('ids' in answer) return { answer, by: url };
    last = unusable(url, answer, failed);
    if (!ofOneReplica.has(answer.reason)) throw last;
    if (!mayDoBetter.has(answer.reason)) done.add(url);
  }
  throw last ?? new Error('A satellite gate without replicas cannot be asked.');
}

/**
 * Tells one replica the visit, as the original's calibrateImage does for each detector, and asks it; told or not, on 404
 * once more. A replica that refuses the visit is not asked: a question carries no times, so it would be judged by those
 * that somebody else has told, in UTC perhaps.
 */
async function ask(replica: Replica, question: GateQuestion): Promise<Allowed | Unusable> {
  const first = await tellAndAsk(replica, question);
  return 'reason' in first && first.reason === 'unknown_visit' ? tellAndAsk(replica, question) : first;
}

const tellAndAsk = async (replica: Replica, question: GateQuestion): Promise<Allowed | Unusable> =>
  (await tell(replica, question.visit)) ?? askOnce(replica, question);

async function askOnce(replica: Replica, question: GateQuestion): Promise<Allowed | Unusable> {
  const nonce = randomBytes(16).toString('hex');
  const headers = replica.key === undefined ? undefined : { [nonceHeader]: nonce };
  const said = await put(replica, '/diasource_allow_list', questionBody(question), headers);
  if ('reason' in said) return said;
  const ids = readAllowList(said.text, question);
  if ('reason' in ids) return ids;
  return replica.key === undefined ? { ids } : signed(ids, question, said, { key: replica.key, nonce });
}

/** The answer, where it carries the signature of exactly what was asked and answered. */
function signed(
  ids: readonly bigint[],
  { visit: { visit }, detector, sources }: GateQuestion,
  { headers }: Answer,
  { key, nonce }: { key: string; nonce: string },
): Allowed | Unusable {
  const [snapshotId, signature] = [headers[snapshotHeader], headers[signatureHeader]];
  if (typeof snapshotId !== 'string' || typeof signature !== 'string')
    return { reason: 'bad_signature', why: '200 without a signature, though GATE_KEY is set here' };
  const asked = sources.map(({ diaSourceId }) => diaSourceId);
  if (isGateSignature(key, { visit, detector, asked, allowed: ids, snapshotId, nonce }, signature))
    return { ids, snapshotId };
  return { reason: 'bad_signature', why: '200 with a signature that GATE_KEY of here does not make' };
}

async function tell(replica: Replica, visit: GateVisit): Promise<Unusable | undefined> {
  const said = await put(replica, '/visit_cache', visitBody(visit));
  return 'reason' in said ? said : undefined;
}

/** A 200, or why there is none. Of other answers only the status is believed. */
async function put(
  { url, signal }: Replica,
  path: string,
  body: string,
  headers?: Readonly<Record<string, string>>,
): Promise<Answer | Unusable> {
  try {
    const mostBytes = Buffer.byteLength(body) + spareBytes;
    const question = { method: 'PUT', body, headers, timeoutMs, mostBytes, signal };
    const said = await request(dependency, url + path, question);
    if (said.status === 200) return said;
    return { reason: reasonOf(said.status), why: `${said.status} to ${path}: ${maskedText(said.text)}` };
  } catch (error) {
    // The caller's own signal may carry a fault as well, which is no answer's.
    if (isFault(error, 'NS_DEPENDENCY_UNAVAILABLE') && !signal?.aborted)
      return { reason: 'no_answer', why: error.message };
    throw error;
  }
}

function reasonOf(status: number): GateFailure {
  if (status === 404) return 'unknown_visit';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 429) return 'overloaded';
  return status >= 500 ? 'failing' : 'refused';
}

function unusable(url: string, { reason, why }: Unusable, failed: (reason: GateFailure) => void): Fault {
  failed(reason);
  const said = reason === 'no_answer' ? why : `${dependency} at ${new URL(url).origin} answers ${why}`;
  const code = reason === 'unauthorized' ? 'NS_DEPENDENCY_REFUSED' : 'NS_DEPENDENCY_UNAVAILABLE';
  return new Fault(code, said, { dependency });
}
