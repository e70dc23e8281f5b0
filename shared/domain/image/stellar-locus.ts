import { solveSymmetric } from './linear-algebra.ts';
import { polynomialTerms, termCount } from './polynomial.ts';

/** What a star candidate shows: where it is, its second-moment radius in pixels, and S/N. */
export interface Sized {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly snr: number;
}

/** Half of the relative width of the locus before its dependence on position is known. */
const WIDTH = 0.12;

/** Scatter of the logarithm of a bright star's radius around the locus; a fainter one's adds 1 / S/N. */
const SCATTER = 0.01;

/** Order of the polynomial and half width of the locus, round by round, until the errors alone make its width. */
const ROUNDS = [
  { order: 0, width: 0.08 },
  { order: 1, width: 0.06 },
  { order: 1, width: 0.04 },
  { order: 2, width: 0.03 },
  { order: 2, width: 0 },
  { order: 2, width: 0 },
];

/** What a polynomial of order 0, 1 or 2 leaves of a field's variation. */
const LEFT_OVER = [WIDTH, 0.05, 0];

/**
 * Tells stars by their size: the radius of a star is a polynomial of position, and stars lie within 3 sigma of it.
 * Galaxies only just larger than the seeing are most of the bright objects where stars are few: within a locus of 12 %
 * that is the same everywhere, they made the point-spread function of a field of 300 stars up to 14 % too wide.
 */
export function stellarLocus<Candidate extends Sized>(candidates: readonly Candidate[]): Candidate[] {
  if (candidates.length === 0) return [];
  const middle = lowestCrowd(
    candidates.map((candidate) => ({ ...candidate, value: Math.log(candidate.radius) })),
    WIDTH,
  );
  const near = candidates.filter(({ radius }) => Math.abs(Math.log(radius) - middle) < 1.25 * WIDTH);
  const largest = near.length >= 60 ? 2 : near.length >= 20 ? 1 : 0;
  let locus = (_: Sized): number => middle;
  let stars = near;
  for (const { order, width } of ROUNDS) {
    const offsets = near.map((candidate) => ({
      ...candidate,
      value: Math.log(candidate.radius) - locus(candidate),
    }));
    const shift = lowestCrowd(offsets, Math.max(width, 0.03));
    const reach = Math.max(width, LEFT_OVER[largest]);
    stars = near.filter(
      (candidate, k) => Math.abs(offsets[k].value - shift) < Math.max(reach, 3 * errorOf(candidate)),
    );
    locus = fitLocus(stars, Math.min(order, largest)) ?? locus;
  }
  return stars;
}

function errorOf({ snr }: Sized): number {
  return Math.hypot(SCATTER, 1 / snr);
}

/**
 * The middle value in the lowest interval of this width that weighs at least 0.7 of the heaviest: galaxies lie above the
 * stars, and where stars are few there are more of them in some interval.
 */
function lowestCrowd(values: readonly (Sized & { readonly value: number })[], width: number): number {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  const weights = sorted.map((candidate) => 1 / errorOf(candidate) ** 2);
  const ends: number[] = [];
  const totals: number[] = [];
  let total = 0;
  for (let first = 0, end = 0; first < sorted.length; first++) {
    while (end < sorted.length && sorted[end].value <= sorted[first].value + width) total += weights[end++];
    ends.push(end);
    totals.push(total);
    total -= weights[first];
  }
  const least = 0.7 * Math.max(...totals);
  const first = totals.findIndex((sum) => sum >= least);
  return sorted[(first + ends[first]) >> 1].value;
}

/** Weighted fit of the logarithm of the radius by a polynomial of position; undefined where the stars do not tell it. */
function fitLocus(stars: readonly Sized[], order: number): ((at: Sized) => number) | undefined {
  const terms = termCount(order);
  const normal = new Float64Array(terms * terms);
  const right = new Float64Array(terms);
  const extent = 1 + stars.reduce((most, { x, y }) => Math.max(most, x, y), 0);
  const basisAt = ({ x, y }: Sized): Float64Array => polynomialTerms(order, x, y, extent, extent);
  for (const star of stars) {
    const weight = 1 / errorOf(star) ** 2;
    const basis = basisAt(star);
    for (let k = 0; k < terms; k++) {
      right[k] += weight * basis[k] * Math.log(star.radius);
      for (let l = 0; l < terms; l++) normal[k * terms + l] += weight * basis[k] * basis[l];
    }
  }
  const solution = solveSymmetric(normal, right);
  return solution && ((at) => basisAt(at).reduce((sum, term, k) => sum + term * solution[k], 0));
}
