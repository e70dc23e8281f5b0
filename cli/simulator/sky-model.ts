import { type Asteroid, asteroidsIn, type Site, sitesIn } from './changing-sky.ts';
import type { Disc } from './sky-cells.ts';
import { type Galaxy, galaxiesIn, type Star, starsIn } from './static-sky.ts';
import { type Plan, VISITS_A_NIGHT } from './survey-plan.ts';
import type { TaiMs } from './tai.ts';

/** What stands in one part of the sky, by the survey's seed alone. Some of it lies outside the disc. */
export interface SkyContents {
  readonly stars: readonly Star[];
  readonly galaxies: readonly Galaxy[];
  readonly sites: readonly Site[];
}

/**
 * Arcseconds from one changing place to the next: a small detector needs a dense sky to see 20 of them (41 cells on
 * SimCam's 3.4', two thirds of them in reach of a detection); LSSTCam's 13.6' have room for 66.
 */
function spacingDeg(plan: Plan): number {
  return (plan.instrument.name === 'LSSTCam' ? 100 : 32) / 3600;
}

export function contentsOf(plan: Plan, disc: Disc): SkyContents {
  const sites = sitesIn(plan.seed, disc, spacingDeg(plan), plan.visitAt(0).begin);
  return {
    sites,
    stars: [...starsIn(plan.seed, disc), ...sites.flatMap((site) => site.constant ?? [])],
    galaxies: [...galaxiesIn(plan.seed, disc), ...sites.flatMap((site) => site.host ?? [])],
  };
}

export function asteroidsOf(plan: Plan, disc: Disc, visitIndex: number): Asteroid[] {
  const night = Math.floor(visitIndex / VISITS_A_NIGHT);
  const nightStart: TaiMs = plan.visitAt(night * VISITS_A_NIGHT).begin;
  return asteroidsIn(plan.seed, disc, nightStart);
}
