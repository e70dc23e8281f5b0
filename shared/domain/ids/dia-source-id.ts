import { packParts, unpackParts } from './detector-exposure.ts';
import { InvalidId } from './invalid-id.ts';

/**
 * What a diaSourceId is packed from: sign 0, release 6 bits, packed (visit, detector) 38 bits, counter 19 bits.
 * Rubin's diaSource, diaForcedSource and diaObject ids all have this form (a diaObject has the id of its first source).
 */
export interface DiaSourceIdParts {
  readonly dayObs: number;
  readonly seqNum: number;
  readonly detector: number;
  /** 0 development, 1 prompt production, 2 and up reprocessings. */
  readonly releaseId: number;
  /** Number in the detector of the visit, from 1. */
  readonly counter: number;
  /** Set for the visit made of the first snap alone of an exposure with several; never by prompt processing. */
  readonly oneToOne?: boolean;
}

const COUNTER_BITS = 19n;
const PACKED_BITS = 38n;
const RELEASES = 64;
export const MAX_COUNTER = 524_287;

export function packDiaSourceId(parts: DiaSourceIdParts): bigint {
  const { releaseId, counter } = parts;
  if (!Number.isInteger(releaseId) || releaseId < 0 || releaseId >= RELEASES) {
    throw new InvalidId(`The release ${releaseId} of a diaSourceId is not between 0 and ${RELEASES - 1}.`);
  }
  if (!Number.isInteger(counter) || counter < 1 || counter > MAX_COUNTER) {
    throw new InvalidId(`The counter ${counter} of a diaSourceId is not between 1 and ${MAX_COUNTER}.`);
  }
  const packed = packParts({ ...parts, top: parts.oneToOne ? 1 : 0 });
  return (((BigInt(releaseId) << PACKED_BITS) | packed) << COUNTER_BITS) | BigInt(counter);
}

/** Throws InvalidId for a negative number and for one of 64 bits; does not refuse counter 0, which nobody gives. */
export function unpackDiaSourceId(id: bigint): Required<DiaSourceIdParts> {
  if (id < 0n || id >= 1n << 63n)
    throw new InvalidId(`${id} is not a diaSourceId: it is not within 63 bits.`);
  const { top, ...parts } = unpackParts((id >> COUNTER_BITS) & ((1n << PACKED_BITS) - 1n));
  return {
    ...parts,
    releaseId: Number(id >> (COUNTER_BITS + PACKED_BITS)),
    counter: Number(id & BigInt(MAX_COUNTER)),
    oneToOne: top === 1,
  };
}
