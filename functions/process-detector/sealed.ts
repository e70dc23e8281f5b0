import { deserialize, serialize } from 'node:v8';
import { Fault } from 'openfaas-sdk-ts';
import { type Facts, known, type Room } from './facts.ts';
import { type Measured, sealedKey } from './measured.ts';

/** V8's structured clone keeps bigints and typed arrays exactly, and every later Node reads it. */
const pack = (measured: Measured): Uint8Array => serialize(measured);

const unpack = (bytes: Uint8Array): Measured => deserialize(bytes) as Measured;

/** What the phase before has measured, or, on resume, what it has left sealed in the bucket. */
export async function measuredOf(facts: Facts, { ports, signal }: Room): Promise<Measured> {
  if (facts.measured) return facts.measured;
  const claim = known(facts, 'claim');
  const key = sealedKey(claim, claim.measuredAttempt ?? claim.attempt);
  const sealed = await ports.products.get(key, { signal });
  if (!sealed) throw new Fault('NS_OBJECT_MISSING', `The sealed sources ${key} are not in the bucket.`);
  return unpack(ports.seal.open(sealed));
}

/** Seals the measurement as it stands, over what stood there before. */
export async function keepSealed(facts: Facts, { ports, signal }: Room, measured: Measured): Promise<void> {
  const claim = known(facts, 'claim');
  const sealed = ports.seal.seal(pack(measured));
  await ports.products.put(sealedKey(claim, claim.measuredAttempt ?? claim.attempt), sealed, { signal });
}
