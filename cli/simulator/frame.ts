import type { Detector } from '#shared/domain/ids/instruments.ts';
import { type Conditions, conditionsOf, profileAt, trueWcs } from './observation.ts';
import { discAround, type Optics } from './scene.ts';
import type { Disc } from './sky-cells.ts';
import type { Plan, Visit } from './survey-plan.ts';

/** Electrons under which profiles are cut off: a thousandth of the sky's noise. */
const FLOOR = 0.02;

/** One detector's part of a visit. */
export interface Frame {
  readonly plan: Plan;
  readonly visit: Visit;
  readonly detector: Detector;
  readonly conditions: Conditions;
  readonly optics: Optics;
  readonly disc: Disc;
}

export function frameOf(plan: Plan, visit: Visit, detector: Detector): Frame {
  const conditions = conditionsOf(plan.seed, visit);
  const wcs = trueWcs(plan.instrument, detector, conditions);
  const optics: Optics = {
    wcs,
    band: visit.band,
    countsPerNjy: conditions.electronsPerNjy,
    floor: FLOOR,
    profileAt: (x, y) => profileAt(conditions, detector, x, y),
  };
  const disc = discAround(wcs, detector.width, detector.height);
  return { plan, visit, detector, conditions, optics, disc };
}

/** Whether a place is on the detector's pixels. */
export function isOn(
  { width, height }: { width: number; height: number },
  { x, y }: { x: number; y: number },
): boolean {
  return x >= -0.5 && y >= -0.5 && x < width - 0.5 && y < height - 0.5;
}
