import { detectorCentre } from './observation.ts';
import { anyElements, type ElementSet, elementsSeenAt } from './orbits.ts';
import { randomStream } from './random.ts';
import { offsetBy } from './sky-cells.ts';
import { type Plan, VISITS_A_NIGHT, type Visit } from './survey-plan.ts';
import { unixMsFromTai } from './tai.ts';

/** A night's element sets as who tracks satellites gives them out. */
export interface ElementFile {
  /** Its observing day. */
  readonly dayObs: number;
  /** Unix ms UTC: when they are given out, before the night's first visit. */
  readonly givenMs: number;
  /** One OMM in JSON a line. */
  readonly text: string;
}

const FIRST_CATALOG_ID = 300_000;
/** Satellites that nobody aimed at a visit. */
const OTHERS = 400;
/**
 * Every fourth visit a catalogued satellite crosses, another one a fast object that no catalogue has: a gate's
 * corridor of 36" on either side of a track takes a quarter of a 3.4' detector, and most alerts must get through.
 */
const STREAK_PERIOD = 4;

export function hasSatellite(visit: Visit): boolean {
  return visit.index % STREAK_PERIOD === 1;
}

export function hasUncataloguedObject(visit: Visit): boolean {
  return visit.index % STREAK_PERIOD === 2;
}

/**
 * The place that a streak passes in the middle of the exposure: near a corner of one of the detectors that are
 * read out, so that its chord is short.
 */
export function streakAim(plan: Plan, visit: Visit): { raDeg: number; decDeg: number } {
  const draw = randomStream(plan.seed, 'streak aim', visit.index);
  const number = plan.detectors[draw.index(plan.detectors.length)];
  const { raDeg, decDeg, halfWidthArcsec } = detectorCentre(plan.instrument, number, visit);
  const reach = halfWidthArcsec * draw.between(0.6, 0.8);
  const angle = Math.PI / 4 + (Math.PI / 2) * draw.index(4) - (visit.skyAngleDeg * Math.PI) / 180;
  return offsetBy(raDeg, decDeg, reach * Math.cos(angle), reach * Math.sin(angle));
}

/** Element sets of one night: those that cross its visits, and others. */
export function nightElements(plan: Plan, night: number): ElementSet[] {
  const first = night * VISITS_A_NIGHT;
  const last = Math.min(first + VISITS_A_NIGHT, plan.visits) - 1;
  const visits = Array.from({ length: last - first + 1 }, (_, index) => plan.visitAt(first + index));
  const crossing = visits.filter(hasSatellite).map((visit) => crossingElements(plan, visit));
  const start = plan.visitAt(first).begin;
  const others = Array.from({ length: OTHERS }, (_, index) => {
    const draw = randomStream(plan.seed, 'satellite', night, index);
    return anyElements(draw, FIRST_CATALOG_ID + VISITS_A_NIGHT + index, start);
  });
  return [...crossing, ...others];
}

function crossingElements(plan: Plan, visit: Visit): ElementSet {
  const draw = randomStream(plan.seed, 'crossing satellite', visit.index);
  const middle = (visit.begin + visit.end) / 2;
  const id = FIRST_CATALOG_ID + (visit.index % VISITS_A_NIGHT);
  return elementsSeenAt(draw, id, streakAim(plan, visit), middle, plan.instrument.observer);
}

export function elementFileOf(plan: Plan, night: number, elements: readonly ElementSet[]): ElementFile {
  const { dayObs, announce } = plan.visitAt(night * VISITS_A_NIGHT);
  const text = elements.map((each) => `${JSON.stringify(each)}\n`).join('');
  return { dayObs, givenMs: unixMsFromTai(announce) - 600_000, text };
}
