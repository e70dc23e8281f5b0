import { handOver } from 'openfaas-sdk-ts';
import { nonceHeader, signatureHeader, snapshotHeader } from '#shared/domain/satellites/gate-signature.ts';
import { snapshotFor } from './catalogue.ts';
import type { SattleContext } from './configuration.ts';
import { nameOf } from './core.ts';
import type { Counters } from './counters.ts';
import { askGeometry, withSnapshot } from './geometry.ts';
import type { Signing } from './geometry-thread.ts';
import { badRequest, Refusal } from './refusal.ts';
import { judgingOf, toldBefore } from './visits.ts';

/** Base64url or hexadecimal digits of 64 bits and more. */
const nonceForm = /^[\w-]{16,128}$/;

export interface Asked {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly sign: Signing | undefined;
  readonly signal: AbortSignal;
}

/** Answers which sources may be published, with one log line of counts; throws a Refusal where it cannot. */
export async function allowList(
  { body, sign, signal }: Asked,
  context: SattleContext,
  counters: Counters,
): Promise<Response> {
  const query = await askGeometry((calls) => calls.read(handOver(body, [body])), signal);
  const told = await toldBefore(query, context);
  if (!told)
    throw new Refusal(404, 'unknown_visit', `Provided visit ${nameOf(query)} not present in cache!.`);
  const { snapshot } = await snapshotFor(told, context);
  const input = { ...judgingOf(told, snapshot.id, context), query, ...(sign && { sign }) };
  const answer = await withSnapshot(snapshot, context.ports, (calls) => calls.allow(input), signal);
  const { asked, removed, small, signature } = answer;
  counters.sources.inc({ answer: 'allowed' }, asked - removed);
  counters.sources.inc({ answer: 'removed' }, removed);
  counters.smallBoxes.inc(small);
  const detector = query.detector.toString();
  const audit = { visit: nameOf(told), detector, asked, removed, small, snapshot: snapshot.id };
  context.log.info(audit, 'allow list answered');
  const signed = signature && { [snapshotHeader]: snapshot.id, [signatureHeader]: signature };
  return new Response(answer.body, {
    headers: { 'content-type': 'application/json; charset=utf-8', ...signed },
  });
}

/** What the answer is signed with; undefined where it need not be. */
export function signingOf(nonce: string | undefined, key: string | undefined): Signing | undefined {
  if (nonce === undefined || key === undefined) return undefined;
  if (nonceForm.test(nonce)) return { key, nonce };
  throw badRequest(`${nonceHeader} is not 16 to 128 characters of base64url or hexadecimal digits.`);
}
