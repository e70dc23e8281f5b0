import { dayObsFromMjdDay, mjdDayFromDayObs } from '../time/scales.ts';
import { controllerOffset, type Exposure } from './exposure-id.ts';
import { InvalidId } from './invalid-id.ts';

/** Fields of the packed number, low bits first: detector 8, seqNum 15, day 14, and a last one above (obs_lsst). */
const DETECTORS = 256;
const SEQ_NUMS = 32_768;
const DAYS = 16_384;
/** MJD of 2010-01-01, day 0; the last day is 2054-11-09. */
const FIRST_DAY_MJD = 55_197;

export interface PackedParts {
  readonly dayObs: number;
  readonly seqNum: number;
  readonly detector: number;
  /** What stands above the day: a controller's place in `OCHPQS`, or the one-to-one bit of a visit. */
  readonly top: number;
}

/** detector + 256 (seqNum + 32768 (day + 16384 top)), at most 41 bits. */
export function packParts({ dayObs, seqNum, detector, top }: PackedParts): bigint {
  const day = mjdDayFromDayObs(dayObs) - FIRST_DAY_MJD;
  checkField('detector', detector, DETECTORS);
  checkField('sequence number', seqNum, SEQ_NUMS);
  checkField(`day ${dayObs} counted from 2010-01-01`, day, DAYS);
  checkField('controller', top, 8);
  return BigInt(detector + DETECTORS * (seqNum + SEQ_NUMS * (day + DAYS * top)));
}

export function unpackParts(packed: bigint): PackedParts {
  if (packed < 0n || packed >= 1n << 41n)
    throw new InvalidId(`${packed} is not a packed id: it is not within 41 bits.`);
  const number = Number(packed);
  const day = Math.floor(number / (DETECTORS * SEQ_NUMS));
  return {
    dayObs: dayObsFromMjdDay((day % DAYS) + FIRST_DAY_MJD),
    seqNum: Math.floor(number / DETECTORS) % SEQ_NUMS,
    detector: number % DETECTORS,
    top: Math.floor(day / DAYS),
  };
}

/** Rubin's `detector_exposure_id` of a raw, the seed of everything random about it. */
export function detectorExposureId(exposure: Exposure, detector: number): bigint {
  return packParts({ ...exposure, detector, top: controllerOffset(exposure) });
}

function checkField(name: string, value: number, limit: number): void {
  if (Number.isInteger(value) && value >= 0 && value < limit) return;
  throw new InvalidId(`The ${name} is ${value}; a packed id has room for 0 to ${limit - 1}.`);
}
