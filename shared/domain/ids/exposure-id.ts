import { mjdDayFromDayObs } from '../time/scales.ts';
import { InvalidId } from './invalid-id.ts';

/** Who ran the exposure: O observatory, C camera control, H header service, P, Q and S simulators and tests. */
export type Controller = 'O' | 'C' | 'H' | 'P' | 'Q' | 'S';

/** One exposure of one camera: what its ids and its raws' keys are made of. */
export interface Exposure {
  /** Observing day YYYYMMDD. */
  readonly dayObs: number;
  /** Number in the day, below 100,000. */
  readonly seqNum: number;
  readonly controller: Controller;
}

export interface Observation extends Exposure {
  /** Two letters of the camera, such as `MC` for LSSTCam. */
  readonly code: string;
}

const controllers = 'OCHPQS';
const YEARS_A_CONTROLLER = 1000;
const SEQ_LIMIT = 100_000;
/** Last day on which a controller had an offset of its own; H kept it for ever (obs_lsst's translator). */
const lastOffsetDay: Partial<Record<Controller, number>> = {
  C: 20231004,
  P: 20250417,
  Q: 20250417,
  S: 20250417,
};

/** YYYYMMDD * 100,000 + seqNum, the year moved on by 1000 a controller where the rule of its day says so. */
export function exposureId(exposure: Exposure): bigint {
  checkExposure(exposure);
  const day = exposure.dayObs + controllerOffset(exposure) * YEARS_A_CONTROLLER * 10_000;
  return BigInt(day * SEQ_LIMIT + exposure.seqNum);
}

/** The exposure of an id; where the id has no offset the controller is given as O, which it need not have been. */
export function parseExposureId(id: bigint): Exposure {
  const day = Number(id / BigInt(SEQ_LIMIT));
  const index = Math.max(0, Math.floor((Math.floor(day / 10_000) - 2000) / YEARS_A_CONTROLLER));
  const exposure = {
    dayObs: day - index * YEARS_A_CONTROLLER * 10_000,
    seqNum: Number(id % BigInt(SEQ_LIMIT)),
    controller: (controllers[index] ?? 'O') as Controller,
  };
  if (id < 0n || index >= controllers.length)
    throw new InvalidId(`${id} is not an exposure id: its year is out of range.`);
  checkExposure(exposure);
  return exposure;
}

/** `MC_O_20250609_000578`. */
export function observationId({ code, ...exposure }: Observation): string {
  checkExposure(exposure);
  if (!/^[A-Z][A-Z0-9]$/.test(code))
    throw new InvalidId(`"${code}" is not a camera's code of two characters.`);
  return `${code}_${exposure.controller}_${exposure.dayObs}_${String(exposure.seqNum).padStart(6, '0')}`;
}

/** The parts of an observation id. Throws InvalidId for any other text. */
export function parseObservationId(text: string): Observation {
  const match = /^([A-Z][A-Z0-9])_([OCHPQS])_([0-9]{8})_([0-9]{6})$/.exec(text);
  if (!match) throw new InvalidId(`"${text}" is not an observation id such as MC_O_20250609_000578.`);
  const [, code, controller, day, seq] = match;
  const exposure = { dayObs: Number(day), seqNum: Number(seq), controller: controller as Controller };
  checkExposure(exposure);
  return { code, ...exposure };
}

/** 0 where ids are those of controller O, else the controller's place in `OCHPQS`. */
export function controllerOffset({ controller, dayObs }: Exposure): number {
  const last = lastOffsetDay[controller];
  return last !== undefined && dayObs > last ? 0 : controllers.indexOf(controller);
}

function checkExposure({ dayObs, seqNum }: Exposure): void {
  if (!Number.isInteger(seqNum) || seqNum < 0 || seqNum >= SEQ_LIMIT) {
    throw new InvalidId(
      `The sequence number ${seqNum} of day ${dayObs} is not between 0 and ${SEQ_LIMIT - 1}.`,
    );
  }
  try {
    mjdDayFromDayObs(dayObs);
  } catch (cause) {
    throw new InvalidId(`The observing day ${dayObs} of an exposure is not a date YYYYMMDD.`, { cause });
  }
}
