import { pixelScaleArcsec, skyToPixel, type Wcs } from '../sky/wcs.ts';
import { solveSymmetric } from './linear-algebra.ts';
import type { ReferenceStar } from './reference-star.ts';
import { median } from './statistics.ts';

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
}

interface Frame {
  readonly width: number;
  readonly height: number;
}

/** Stars and references that vote for the offset; the 150 brightest of each that fall on the detector. */
const VOTERS = 150;

/** Bin of the offset histogram in pixels: half the drift that a step of rotation leaves in the corners. */
const BIN = 3;

/**
 * Refines a predicted WCS against reference stars: offset and rotation by voting over all pairs within
 * `radiusArcsec`, then a least-squares fit with 3 sigma clipping (shift and linear terms from 6 stars on, else shift
 * only), matched within 2 px in the end.
 *
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
  const radius = radiusArcsec / scale;
  const start = voteOffset(stars, references, predicted, frame, radius);
  if (start === undefined) return undefined;
  let wcs = start;
  let matches = matchStars(stars, references, wcs, 2 * BIN);
  if (matches.length < 3) return undefined;
  for (const reach of [2 * BIN, BIN, 2, 2]) {
    matches = clip(matchStars(stars, references, wcs, reach), wcs);
    if (matches.length < 3) return undefined;
    wcs = fitWcs(matches, wcs);
  }
  matches = clip(matchStars(stars, references, wcs, 2), wcs);
  if (matches.length < 3) return undefined;
  const squares = matches.map((match) => residual(match, wcs).reduce((sum, d) => sum + d * d, 0));
  const rms = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (2 * matches.length));
  return { wcs, matches, rmsArcsec: rms * scale };
}

/** The predicted WCS shifted and turned by what most pairs agree on. */
function voteOffset(
  stars: readonly Position[],
  references: readonly ReferenceStar[],
  predicted: Wcs,
  { width, height }: Frame,
  radius: number,
): Wcs | undefined {
  const projected = references
    .flatMap((reference) => {
      const at = skyToPixel(predicted, reference.raDeg, reference.decDeg);
      const inside =
        at !== undefined &&
        at.x > -radius &&
        at.y > -radius &&
        at.x < width + radius &&
        at.y < height + radius;
      return inside ? [{ ...at, flux: reference.fluxNjy }] : [];
    })
    .sort((a, b) => b.flux - a.flux)
    .slice(0, VOTERS);
  const centre = { x: width / 2, y: height / 2 };
  const half = Math.hypot(width, height) / 2;
  const step = (2 * BIN) / half / 2;
  const turns = Math.ceil((0.3 * Math.PI) / 180 / step);
  let best = { votes: 0, dx: 0, dy: 0, turn: 0 };
  for (let k = 0; k <= 2 * turns; k++) {
    // 0, 1, -1, 2, -2, ...: of equal votes the smallest rotation wins.
    const turn = (k % 2 === 0 ? -k / 2 : (k + 1) / 2) * step;
    const vote = countVotes(stars.slice(0, VOTERS), projected, centre, turn, radius);
    if (vote.votes > best.votes) best = { ...vote, turn };
  }
  if (best.votes < 3) return undefined;
  return moveWcs(predicted, centre, best);
}

function countVotes(
  stars: readonly Position[],
  projected: readonly Position[],
  centre: Position,
  turn: number,
  radius: number,
): { votes: number; dx: number; dy: number } {
  const side = 2 * Math.ceil(radius / BIN) + 3;
  const counts = new Uint16Array(side * side);
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  const offsets: [number, number][] = [];
  for (const reference of projected) {
    const u = reference.x - centre.x;
    const v = reference.y - centre.y;
    const x = centre.x + u * cos - v * sin;
    const y = centre.y + u * sin + v * cos;
    for (const star of stars) {
      const dx = star.x - x;
      const dy = star.y - y;
      if (Math.abs(dx) > radius || Math.abs(dy) > radius) continue;
      offsets.push([dx, dy]);
      counts[Math.round(dy / BIN + side / 2 - 0.5) * side + Math.round(dx / BIN + side / 2 - 0.5)]++;
    }
  }
  let best = { votes: 0, at: 0 };
  for (let j = 1; j < side - 1; j++) {
    for (let i = 1; i < side - 1; i++) {
      const at = j * side + i;
      const votes = counts[at] + counts[at + 1] + counts[at + side] + counts[at + side + 1];
      if (votes > best.votes) best = { votes, at };
    }
  }
  const x0 = ((best.at % side) + 0.5 - (side / 2 - 0.5)) * BIN;
  const y0 = (Math.floor(best.at / side) + 0.5 - (side / 2 - 0.5)) * BIN;
  const near = offsets.filter(([dx, dy]) => Math.abs(dx - x0) <= BIN && Math.abs(dy - y0) <= BIN);
  if (near.length === 0) return { votes: 0, dx: 0, dy: 0 };
  return { votes: near.length, dx: median(near.map(([dx]) => dx)), dy: median(near.map(([, dy]) => dy)) };
}

/** The WCS whose pixel of every sky position is turned about `centre` and shifted by (dx, dy). */
function moveWcs(
  wcs: Wcs,
  centre: Position,
  { dx, dy, turn }: { dx: number; dy: number; turn: number },
): Wcs {
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  const u = wcs.crpix[0] - centre.x;
  const v = wcs.crpix[1] - centre.y;
  const [a, b, c, d] = wcs.cd;
  return {
    ...wcs,
    crpix: [centre.x + u * cos - v * sin + dx, centre.y + u * sin + v * cos + dy],
    cd: [a * cos - b * sin, a * sin + b * cos, c * cos - d * sin, c * sin + d * cos],
  };
}

/** Pairs of stars and references that are each other's nearest within `reach` pixels. */
function matchStars<T extends Position>(
  stars: readonly T[],
  references: readonly ReferenceStar[],
  wcs: Wcs,
  reach: number,
): StarMatch<T>[] {
  const nearest = new Map<T, { reference: ReferenceStar; distance: number }>();
  const cells = cellsOf(stars);
  for (const reference of references) {
    const at = skyToPixel(wcs, reference.raDeg, reference.decDeg);
    if (at === undefined) continue;
    let found: { star: T; distance: number } | undefined;
    for (const star of near(cells, at)) {
      const distance = Math.hypot(star.x - at.x, star.y - at.y);
      if (distance <= reach && (found === undefined || distance < found.distance)) found = { star, distance };
    }
    if (found === undefined) continue;
    const other = nearest.get(found.star);
    if (other === undefined || found.distance < other.distance) {
      nearest.set(found.star, { reference, distance: found.distance });
    }
  }
  return [...nearest].map(([star, { reference }]) => ({ star, reference }));
}

const CELL = 32;

function cellsOf<T extends Position>(stars: readonly T[]): Map<number, T[]> {
  const cells = new Map<number, T[]>();
  for (const star of stars) {
    const key = cellKey(Math.floor(star.x / CELL), Math.floor(star.y / CELL));
    const list = cells.get(key);
    if (list === undefined) cells.set(key, [star]);
    else list.push(star);
  }
  return cells;
}

function* near<T extends Position>(cells: Map<number, T[]>, { x, y }: Position): Generator<T> {
  const i = Math.floor(x / CELL);
  const j = Math.floor(y / CELL);
  for (let dj = -1; dj <= 1; dj++) {
    for (let di = -1; di <= 1; di++) yield* cells.get(cellKey(i + di, j + dj)) ?? [];
  }
}

function cellKey(i: number, j: number): number {
  return (j + 32768) * 65536 + i + 32768;
}

function residual<T extends Position>({ star, reference }: StarMatch<T>, wcs: Wcs): [number, number] {
  const at = skyToPixel(wcs, reference.raDeg, reference.decDeg);
  return at === undefined ? [Number.POSITIVE_INFINITY, 0] : [star.x - at.x, star.y - at.y];
}

/** Drops matches beyond 3 robust sigma (at least 0.15 px) of the median residual. */
function clip<T extends Position>(matches: StarMatch<T>[], wcs: Wcs): StarMatch<T>[] {
  if (matches.length < 5) return matches;
  const residuals = matches.map((match) => residual(match, wcs));
  const centre = [0, 1].map((axis) => median(residuals.map((r) => r[axis])));
  const distances = residuals.map(([dx, dy]) => Math.hypot(dx - centre[0], dy - centre[1]));
  const limit = Math.max(0.15, 3 * 0.849 * median(distances));
  return matches.filter((_, i) => distances[i] <= limit);
}

/**
 * Least squares in the pixel plane: residuals as a linear function of pixel position, folded back into CRPIX and CD.
 * The distortion polynomials see positions moved by the correction only, arcseconds: second order.
 */
function fitWcs<T extends Position>(matches: readonly StarMatch<T>[], wcs: Wcs): Wcs {
  const terms = matches.length >= 6 ? 3 : 1;
  const normal = new Float64Array(terms * terms);
  const rightX = new Float64Array(terms);
  const rightY = new Float64Array(terms);
  const centre = wcs.crpix;
  const scale = 1000;
  for (const match of matches) {
    const [dx, dy] = residual(match, wcs);
    const basis = [1, (match.star.x - dx - centre[0]) / scale, (match.star.y - dy - centre[1]) / scale];
    for (let k = 0; k < terms; k++) {
      for (let l = 0; l < terms; l++) normal[k * terms + l] += basis[k] * basis[l];
      rightX[k] += basis[k] * dx;
      rightY[k] += basis[k] * dy;
    }
  }
  const shiftX = solveSymmetric(normal, rightX, 0);
  const shiftY = solveSymmetric(normal, rightY, 0);
  if (shiftX === undefined || shiftY === undefined) return wcs;
  const crpix: [number, number] = [centre[0] + shiftX[0], centre[1] + shiftY[0]];
  if (terms === 1) return { ...wcs, crpix };
  // Pixels move by u' = M u with M = 1 + gradients, so CD' = CD M^-1.
  const m = [1 + shiftX[1] / scale, shiftX[2] / scale, shiftY[1] / scale, 1 + shiftY[2] / scale];
  const determinant = m[0] * m[3] - m[1] * m[2];
  const inverse = [m[3] / determinant, -m[1] / determinant, -m[2] / determinant, m[0] / determinant];
  const [a, b, c, d] = wcs.cd;
  return {
    ...wcs,
    crpix,
    cd: [
      a * inverse[0] + b * inverse[2],
      a * inverse[1] + b * inverse[3],
      c * inverse[0] + d * inverse[2],
      c * inverse[1] + d * inverse[3],
    ],
  };
}
