import { deserialize, serialize } from 'node:v8';
import { Fault, isFault } from 'openfaas-sdk-ts';
import { advance } from './claims.ts';
import { type Facts, known, type Room } from './facts.ts';
import { type Measured, sealedKey, sealedPrefix } from './measured.ts';

/** Key of the sealed sources that the claim's state rests on. */
const ownKey = (facts: Facts): string => {
  const claim = known(facts, 'claim');
  return sealedKey(claim, claim.measuredAttempt ?? claim.attempt);
};

/** V8's structured clone keeps bigints and typed arrays exactly, and every later Node reads it. */
const pack = (measured: Measured): Uint8Array => serialize(measured);

const unpack = (bytes: Uint8Array): Measured => deserialize(bytes) as Measured;

/** What the phase before has measured, or, on resume, what it has left sealed in the bucket. */
export async function measuredOf(facts: Facts, { ports, signal }: Room): Promise<Measured> {
  if (facts.measured) return facts.measured;
  const key = ownKey(facts);
  const sealed = await ports.products.get(key, { signal });
  if (!sealed) throw new Fault('NS_OBJECT_MISSING', `The sealed sources ${key} are not in the bucket.`);
  return unpack(ports.seal.open(sealed));
}

/** Seals the measurement as it stands, over what stood there before. */
export async function keepSealed(facts: Facts, { ports, signal }: Room, measured: Measured): Promise<void> {
  await ports.products.put(ownKey(facts), ports.seal.seal(pack(measured)), { signal });
}

/** Seals what was just measured. An attempt that was overtaken takes it back: the later one knows nothing of it. */
export async function sealMeasured(facts: Facts, room: Room, measured: Measured): Promise<Facts> {
  await keepSealed(facts, room, measured);
  try {
    return await advance(facts, room, 'measured');
  } catch (error) {
    const claim = known(facts, 'claim');
    if (isFault(error, 'NS_LEASE_LOST')) await room.ports.products.delete(sealedKey(claim, claim.attempt));
    throw error;
  }
}

/**
 * Erases what attempts that died, or were overtaken, have left sealed of this detector: nothing rests on it, and it
 * holds what the gate may have refused. Only a claim that was taken again can have such.
 */
export async function eraseAbandoned(facts: Facts, { ports, signal }: Room): Promise<void> {
  const claim = known(facts, 'claim');
  if (claim.attempt === 1) return;
  const own = ownKey(facts);
  for await (const { key } of ports.products.list(sealedPrefix(claim), { signal })) {
    if (key !== own) await ports.products.delete(key);
  }
}

/** Erases all that is sealed of this detector. */
export async function eraseSealed(facts: Facts, room: Room): Promise<void> {
  await eraseAbandoned(facts, room);
  await room.ports.products.delete(ownKey(facts));
}
