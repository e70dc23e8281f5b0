import { bivariate } from '../sky/bivariate.ts';
import { correctWcs } from '../sky/correct-wcs.ts';
import { pixelScaleArcsec, skyToPixel, type Wcs } from '../sky/wcs.ts';
import { offsetByVotes } from './astrometric-votes.ts';
import { fitPlane, type PlaneFit } from './plane-fit.ts';
import type { ReferenceStar } from './reference-star.ts';
import { type Pairs, type Points, pairUp, pointsOf } from './star-pairs.ts';
import { medianInPlace } from './statistics.ts';

/** A detected star, brightest first in every list. */
export interface Position {
  readonly x: number;
  readonly y: number;
}

export interface StarMatch<T extends Position> {
  readonly star: T;
  readonly reference: ReferenceStar;
}

export interface AstrometricSolution<T extends Position> {
  readonly wcs: Wcs;
  readonly matches: readonly StarMatch<T>[];
  /** Residual rms per axis. */
  readonly rmsArcsec: number;
  /** Of the polynomials that correct the predicted WCS: 0 a shift, 1 linear, 2 with the terms of a SIP of order 2. */
  readonly order: 0 | 1 | 2;
}

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Reach of the match in pixels, round by round: twice the votes' bin, in which the offset is known, then less. */
const REACHES = [6, 3, 2, 2];

/** Fewest stars for the linear terms and for those of second order. */
const LINEAR_STARS = 6;
const QUADRATIC_STARS = 30;

/**
 * Refines a predicted WCS against reference stars: offset and rotation by voting over all pairs within
 * `radiusArcsec`, then least squares with 3 sigma clipping of stars within 2 px: a shift, from 6 stars on linear terms,
 * from 30 on those of second order where they lower the residual beyond chance. The references are projected once, by
 * the predicted WCS; what is fitted is where on its pixels a star of the image lies.
 *
 * @param stars on the image, brightest first
 * @returns undefined when fewer than 3 stars agree
 */
export function refineAstrometry<T extends Position>(
  stars: readonly T[],
  references: readonly ReferenceStar[],
  predicted: Wcs,
  frame: Frame,
  radiusArcsec: number,
): AstrometricSolution<T> | undefined {
  const scale = pixelScaleArcsec(predicted, frame.width / 2, frame.height / 2);
  const catalogue = project(references, predicted, frame, radiusArcsec / scale);
  const image = pointsOf(stars);
  const start = offsetByVotes(image, catalogue.points, frame, radiusArcsec / scale);
  if (start === undefined) return undefined;
  const found = fitRounds(image, catalogue.points, start, predicted.distortion?.kind !== 'TPV');
  if (found === undefined) return undefined;
  const { fit, pairs, rms } = found;
  const wcs = correctWcs(predicted, { centre: fit.centre, ...polynomials(fit) });
  if (wcs === undefined) return undefined;
  const matches = Array.from(pairs.stars, (star, k) => ({
    star: stars[star],
    reference: catalogue.references[pairs.references[k]],
  }));
  return { wcs, matches, rmsArcsec: rms * scale, order: fit.order };
}

/** Pixels by the predicted WCS of the references that may be on the frame, brightest first. */
function project(
  references: readonly ReferenceStar[],
  wcs: Wcs,
  { width, height }: Frame,
  margin: number,
): { points: Points; references: readonly ReferenceStar[] } {
  const inside = references.flatMap((reference) => {
    const at = skyToPixel(wcs, reference.raDeg, reference.decDeg);
    if (at === undefined || at.x < -margin || at.y < -margin) return [];
    return at.x > width + margin || at.y > height + margin ? [] : [{ ...at, reference }];
  });
  inside.sort((a, b) => b.reference.fluxNjy - a.reference.fluxNjy);
  return { points: pointsOf(inside), references: inside.map(({ reference }) => reference) };
}

interface Found {
  readonly fit: PlaneFit;
  readonly pairs: Pairs;
  /** Per axis, pixels. */
  readonly rms: number;
}

/** Match, clip and fit, round by round with a smaller reach; in the end with second order where that is better. */
function fitRounds(image: Points, catalogue: Points, start: PlaneFit, mayBend: boolean): Found | undefined {
  let fit = start;
  const match = (by: PlaneFit, reach: number): Pairs =>
    clip(image, catalogue, pairUp(image, catalogue, by, reach), by);
  for (const reach of REACHES) {
    const pairs = match(fit, reach);
    if (pairs.stars.length < 3) return undefined;
    fit = fitPlane(image, catalogue, pairs, start.centre, pairs.stars.length < LINEAR_STARS ? 0 : 1, fit);
  }
  const reach = REACHES[REACHES.length - 1];
  const pairs = match(fit, reach);
  if (pairs.stars.length < 3) return undefined;
  const linear = { fit, pairs, rms: rmsOf(image, catalogue, pairs, fit) };
  if (!mayBend || pairs.stars.length < QUADRATIC_STARS || !isSpread(image, pairs, start.centre))
    return linear;
  const bent = fitPlane(image, catalogue, pairs, start.centre, 2, fit);
  if (!isSignificant(linear.rms, rmsOf(image, catalogue, pairs, bent), pairs.stars.length)) return linear;
  // Once more with the stars that the bent coordinates bring within reach.
  const near = match(bent, reach);
  const again = fitPlane(image, catalogue, near, start.centre, 2, bent);
  const last = match(again, reach);
  return { fit: again, pairs: last, rms: rmsOf(image, catalogue, last, again) };
}

/** Stars that each quadrant must have for terms of second order, which are extrapolated where there are none. */
const QUADRANT_STARS = 3;

function isSpread(image: Points, { stars }: Pairs, [x, y]: PlaneFit['centre']): boolean {
  const counts = [0, 0, 0, 0];
  for (const star of stars) counts[(image.x[star] > x ? 1 : 0) + (image.y[star] > y ? 2 : 0)]++;
  return counts.every((count) => count >= QUADRANT_STARS);
}

/**
 * Whether six more parameters lower the squares by more than chance: an F above 5, which noise alone reaches once in
 * 2,000 fits with 50 stars. Without the test they would add a third to the error of a field that needs none.
 */
function isSignificant(linearRms: number, bentRms: number, stars: number): boolean {
  const gain = (linearRms ** 2 - bentRms ** 2) / 6;
  return gain > (5 * bentRms ** 2) / (2 * stars - 12);
}

/** Drops pairs beyond 3 robust sigma (at least 0.15 px) of the median residual. */
function clip(image: Points, catalogue: Points, pairs: Pairs, fit: PlaneFit): Pairs {
  const count = pairs.stars.length;
  if (count < 5) return pairs;
  const { dx, dy } = residuals(image, catalogue, pairs, fit);
  const [x, y] = [dx, dy].map((values) => medianInPlace(Float64Array.from(values)));
  const distances = dx.map((value, k) => Math.hypot(value - x, dy[k] - y));
  const limit = Math.max(0.15, 3 * 0.849 * medianInPlace(Float64Array.from(distances)));
  const isNear = (_: number, k: number): boolean => distances[k] <= limit;
  return { stars: pairs.stars.filter(isNear), references: pairs.references.filter(isNear) };
}

function rmsOf(image: Points, catalogue: Points, pairs: Pairs, fit: PlaneFit): number {
  const { dx, dy } = residuals(image, catalogue, pairs, fit);
  const squares = dx.reduce((sum, value, k) => sum + value * value + dy[k] * dy[k], 0);
  return Math.sqrt(squares / (2 * dx.length));
}

/** Pixels by which the references lie from where the fit takes their stars. */
function residuals(image: Points, catalogue: Points, { stars, references }: Pairs, fit: PlaneFit) {
  const dx = new Float64Array(stars.length);
  const dy = new Float64Array(stars.length);
  const at = new Float64Array(2);
  for (let k = 0; k < stars.length; k++) {
    fit.apply(image.x[stars[k]], image.y[stars[k]], at);
    dx[k] = catalogue.x[references[k]] - at[0];
    dy[k] = catalogue.y[references[k]] - at[1];
  }
  return { dx, dy };
}

function polynomials({ order, x, y }: PlaneFit) {
  const powers = [
    [0, 0],
    [1, 0],
    [0, 1],
    [2, 0],
    [1, 1],
    [0, 2],
  ] as const;
  const of = (terms: readonly number[]) =>
    bivariate(
      Math.max(1, order),
      powers.slice(0, terms.length).map(([p, q], k) => [p, q, terms[k]]),
    );
  return { x: of(x), y: of(y) };
}
