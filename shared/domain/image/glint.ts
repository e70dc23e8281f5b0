/** What tells whether a source may be a glint, a flash of a tumbling satellite on its track. */
export interface GlintCandidate {
  readonly x: number;
  readonly y: number;
  readonly isNegative: boolean | null;
  readonly isDipole: boolean | null;
}

/** LSST's FindGlintTrailsTask: farthest neighbour, least sources of a row, root of its summed squared residuals; pixels. */
const RADIUS = 500;
const LEAST = 5;
const WORST_RESIDUAL = 15;

/** Distances from a line within which a row's sources are looked for: as good as centroids are, and up to LSST's. */
const HALF_WIDTHS = [1, 4, WORST_RESIDUAL];

/**
 * What LSST's rule lacks: of 50 sources 5 are within 15 px of some line by chance. A row counts when so few like it are
 * expected among the detector's sources by chance.
 */
const MOST_BY_CHANCE = 0.01;

/** In a crowd so dense that there are more neighbours, no row stands out. */
const MOST_NEIGHBOURS = 100;

/**
 * Which sources lie in a row of five or more. From each source lines are drawn through its neighbours within 500 px; the
 * line with the most sources is its row. Only positive sources that are no dipoles count.
 */
export function findGlints(sources: readonly GlintCandidate[]): boolean[] {
  const points = sources.flatMap(({ x, y, isNegative, isDipole }, index) =>
    isNegative || isDipole ? [] : [{ x, y, index }],
  );
  points.sort((a, b) => a.y - b.y);
  const flags = sources.map(() => false);
  let first = 0;
  for (const anchor of points) {
    while (points[first].y < anchor.y - RADIUS) first++;
    if (flags[anchor.index]) continue;
    const near = neighbours(anchor, points, first);
    for (const { index } of longestRow(anchor, near, points.length)) flags[index] = true;
  }
  return flags;
}

interface Point {
  readonly x: number;
  readonly y: number;
  readonly index: number;
}

/** The nearest sources within the radius; none where they are too few for a row. */
function neighbours(anchor: Point, points: readonly Point[], first: number): Point[] {
  const near: { point: Point; square: number }[] = [];
  for (let k = first; k < points.length && points[k].y <= anchor.y + RADIUS; k++) {
    const point = points[k];
    const square = (point.x - anchor.x) ** 2 + (point.y - anchor.y) ** 2;
    if (point !== anchor && square < RADIUS * RADIUS) near.push({ point, square });
  }
  if (near.length < LEAST - 1) return [];
  near.sort((a, b) => a.square - b.square);
  return near.slice(0, MOST_NEIGHBOURS).map(({ point }) => point);
}

function longestRow(anchor: Point, near: readonly Point[], count: number): Point[] {
  let best: Point[] = [];
  for (const partner of near) {
    const length = Math.hypot(partner.x - anchor.x, partner.y - anchor.y);
    const [cos, sin] = [(partner.x - anchor.x) / length, (partner.y - anchor.y) / length];
    for (const halfWidth of HALF_WIDTHS) {
      const row = near.filter(
        ({ x, y }) => Math.abs((x - anchor.x) * sin - (y - anchor.y) * cos) <= halfWidth,
      );
      row.push(anchor);
      if (row.length < LEAST || row.length <= best.length) continue;
      // The strip's part of the disc that holds the neighbours, as often as lines are drawn in a detector.
      const share = (4 * halfWidth) / (Math.PI * RADIUS);
      const byChance = count * near.length * atLeast(row.length - 2, share * (near.length - 1));
      if (byChance < MOST_BY_CHANCE && residualOf(row) <= WORST_RESIDUAL) best = row;
    }
  }
  return best;
}

/** Probability of n or more where `mean` are expected (Poisson). */
function atLeast(n: number, mean: number): number {
  let term = Math.exp(-mean);
  for (let k = 1; k <= n; k++) term *= mean / k;
  let sum = 0;
  for (let k = n + 1; k < n + 40; k++) {
    sum += term;
    term *= mean / k;
  }
  return sum;
}

/** Root of the summed squared distances from the best line. */
function residualOf(row: readonly Point[]): number {
  const mx = row.reduce((sum, { x }) => sum + x, 0) / row.length;
  const my = row.reduce((sum, { y }) => sum + y, 0) / row.length;
  let [xx, yy, xy] = [0, 0, 0];
  for (const { x, y } of row) {
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
    xy += (x - mx) * (y - my);
  }
  return Math.sqrt(Math.max(0, (xx + yy) / 2 - Math.hypot((xx - yy) / 2, xy)));
}
