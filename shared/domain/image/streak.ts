import { MASK } from './masked-image.ts';
import { median } from './statistics.ts';

/** A straight track over the detector, from its visible start to its end, pixels. */
export interface Streak {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Half width out to which it disturbs the image. */
  readonly halfWidth: number;
}

/** The score is averaged over cells of this side before lines are sought. */
const BIN = 4;
/** Cells above this many sigma vote: a track of 2.2 sigma, too faint for a detection, still has four in five of them. */
const VOTE = 1.5;
/** Shortest streak; shorter trails are one footprint and are fitted there. */
const SHORTEST = 80;
const MOST_STREAKS = 8;

/**
 * Tracks in the positive score image by a Hough transform on 4x4 cells, each confirmed along its line: a stretch of at
 * least 80 px whose median score over 41 px stays above 1.5.
 */
export function findStreaks(score: Float32Array, mask: Uint16Array, width: number, height: number): Streak[] {
  const { cells, columns, rows } = binScore(score, mask, width, height);
  const streaks: Streak[] = [];
  for (let attempt = 0; attempt < MOST_STREAKS; attempt++) {
    const line = strongestLine(cells, columns, rows);
    if (line === undefined) break;
    const refined = refineLine(line, cells, columns);
    const streak = confirm(refined, score, mask, width, height);
    if (streak !== undefined) streaks.push(streak);
    clearLine(refined, cells, columns, streak === undefined ? 1 : Math.max(2, streak.halfWidth / BIN + 1));
  }
  return streaks;
}

/** Sets STREAK on the pixels that a streak disturbs. */
export function markStreak(mask: Uint16Array, width: number, height: number, streak: Streak): void {
  const pad = streak.halfWidth;
  const minY = Math.max(0, Math.floor(Math.min(streak.y0, streak.y1) - pad));
  const maxY = Math.min(height - 1, Math.ceil(Math.max(streak.y0, streak.y1) + pad));
  const minX = Math.max(0, Math.floor(Math.min(streak.x0, streak.x1) - pad));
  const maxX = Math.min(width - 1, Math.ceil(Math.max(streak.x0, streak.x1) + pad));
  for (let y = minY; y <= maxY; y++) {
    for (let x = minX; x <= maxX; x++) if (onStreak(streak, x, y)) mask[y * width + x] |= MASK.STREAK;
  }
}

export function onStreak({ x0, y0, x1, y1, halfWidth }: Streak, x: number, y: number): boolean {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const u = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length;
  const v = ((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length;
  return u > -halfWidth && u < length + halfWidth && Math.abs(v) <= halfWidth;
}

function binScore(score: Float32Array, mask: Uint16Array, width: number, height: number) {
  const columns = Math.floor(width / BIN);
  const rows = Math.floor(height / BIN);
  const cells = new Float32Array(columns * rows);
  const spoilt = MASK.SAT | MASK.BAD | MASK.NO_DATA | MASK.SUSPECT | MASK.EDGE;
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      let sum = 0;
      let bad = 0;
      for (let y = j * BIN; y < (j + 1) * BIN; y++) {
        for (let x = i * BIN; x < (i + 1) * BIN; x++) {
          sum += score[y * width + x];
          bad |= mask[y * width + x] & spoilt;
        }
      }
      cells[j * columns + i] = bad !== 0 ? 0 : sum / (BIN * BIN);
    }
  }
  return { cells, columns, rows };
}

/** A line in cells: x cos(angle) + y sin(angle) = offset. */
interface Line {
  readonly angleRad: number;
  readonly offset: number;
}

/** Votes that make a line worth a look, and by how many standard deviations they must exceed the other cells' share. */
const LEAST_VOTES = 14;
const LEAST_EXCESS = 7;

function strongestLine(cells: Float32Array, columns: number, rows: number): Line | undefined {
  const diagonal = Math.ceil(Math.hypot(columns, rows));
  const angles = Math.max(180, Math.ceil((Math.PI * diagonal) / 2));
  const votes = new Uint16Array(2 * diagonal + 1);
  const voters: number[] = [];
  for (let at = 0; at < cells.length; at++)
    if (cells[at] > VOTE) voters.push(at % columns, Math.floor(at / columns));
  const share = voters.length / 2 / cells.length;
  let best: (Line & { excess: number }) | undefined;
  for (let a = 0; a < angles; a++) {
    const angleRad = (a * Math.PI) / angles;
    const cos = Math.cos(angleRad);
    const sin = Math.sin(angleRad);
    votes.fill(0);
    for (let k = 0; k < voters.length; k += 2)
      votes[Math.round(voters[k] * cos + voters[k + 1] * sin) + diagonal]++;
    for (let offset = 0; offset < votes.length; offset++) {
      if (votes[offset] < LEAST_VOTES) continue;
      const expected = share * chordLength(offset - diagonal, cos, sin, columns, rows);
      const excess = (votes[offset] - expected) / Math.sqrt(expected + 1);
      if (excess > LEAST_EXCESS && (best === undefined || excess > best.excess)) {
        best = { angleRad, offset: offset - diagonal, excess };
      }
    }
  }
  return best;
}

/** Cells on one line, offset (cos, sin) + t (-sin, cos). */
function chordLength(offset: number, cos: number, sin: number, columns: number, rows: number): number {
  const [x, y] = [offset * cos, offset * sin];
  const parallelX = Math.abs(sin) < 1e-9;
  const parallelY = Math.abs(cos) < 1e-9;
  if ((parallelX && (x < 0 || x > columns)) || (parallelY && (y < 0 || y > rows))) return 0;
  const [left, right] = parallelX ? [-1e9, 1e9] : [x / sin, (x - columns) / sin];
  const [bottom, top] = parallelY ? [-1e9, 1e9] : [-y / cos, (rows - y) / cos];
  const low = Math.max(Math.min(left, right), Math.min(bottom, top));
  return Math.max(0, Math.min(Math.max(left, right), Math.max(bottom, top)) - low);
}

/** Total least squares on the voting cells near the line, twice. */
function refineLine(line: Line, cells: Float32Array, columns: number): Line {
  let { angleRad, offset } = line;
  for (const reach of [2.5, 1.5]) {
    const cos = Math.cos(angleRad);
    const sin = Math.sin(angleRad);
    let [n, sx, sy, sxx, syy, sxy] = [0, 0, 0, 0, 0, 0];
    for (let at = 0; at < cells.length; at++) {
      if (cells[at] <= VOTE) continue;
      const x = at % columns;
      const y = Math.floor(at / columns);
      if (Math.abs(x * cos + y * sin - offset) > reach) continue;
      const w = Math.min(cells[at], 5);
      n += w;
      sx += w * x;
      sy += w * y;
      sxx += w * x * x;
      syy += w * y * y;
      sxy += w * x * y;
    }
    const cxx = sxx / n - (sx / n) ** 2;
    const cyy = syy / n - (sy / n) ** 2;
    const cxy = sxy / n - (sx / n) * (sy / n);
    angleRad = 0.5 * Math.atan2(2 * cxy, cxx - cyy) + Math.PI / 2;
    offset = (sx / n) * Math.cos(angleRad) + (sy / n) * Math.sin(angleRad);
  }
  return { angleRad, offset };
}

function clearLine({ angleRad, offset }: Line, cells: Float32Array, columns: number, reach: number): void {
  const cos = Math.cos(angleRad);
  const sin = Math.sin(angleRad);
  for (let at = 0; at < cells.length; at++) {
    if (Math.abs((at % columns) * cos + Math.floor(at / columns) * sin - offset) <= reach) cells[at] = 0;
  }
}

const RUN = 41;
const FAINTEST = 2;
const LONGEST_GAP = 40;

/** Walks along the line pixel by pixel and keeps the longest stretch that stays bright. */
function confirm(
  line: Line,
  score: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
): Streak | undefined {
  const cos = Math.cos(line.angleRad);
  const sin = Math.sin(line.angleRad);
  // Cell (i, j) is centred on pixel BIN (i + 1/2) - 1/2.
  const shift = (BIN - 1) / 2;
  const px = line.offset * cos * BIN + shift;
  const py = line.offset * sin * BIN + shift;
  const profile = sampleLine(score, mask, width, height, px, py, -sin, cos, 0);
  const stretch = longestStretch(profile.values);
  if (stretch === undefined) return undefined;
  const [first, last] = stretch;
  // A background that is off by a tenth of its noise makes lines of 1.7.
  if (mean(profile.values.subarray(first, last)) < FAINTEST) return undefined;
  const at = (k: number): [number, number] => [
    px - sin * (profile.start + k),
    py + cos * (profile.start + k),
  ];
  const [x0, y0] = at(first);
  const [x1, y1] = at(last);
  let halfWidth = 4;
  for (; halfWidth < 40; halfWidth++) {
    const sides = [-halfWidth, halfWidth].map((d) => {
      const side = sampleLine(
        score,
        mask,
        width,
        height,
        px + cos * d,
        py + sin * d,
        -sin,
        cos,
        profile.start,
      );
      return Math.abs(mean(side.values.subarray(first, last)));
    });
    if (Math.max(...sides) < 1) break;
  }
  return { x0, y0, x1, y1, halfWidth: halfWidth + 1 };
}

function sampleLine(
  score: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  px: number,
  py: number,
  dx: number,
  dy: number,
  from: number,
): { start: number; values: Float64Array } {
  const reach = Math.ceil(Math.hypot(width, height));
  const start = from === 0 ? -reach : from;
  const values = new Float64Array(2 * reach + 1);
  for (let k = 0; k < values.length; k++) {
    const x = Math.round(px + (start + k) * dx);
    const y = Math.round(py + (start + k) * dy);
    const inside = x >= 0 && y >= 0 && x < width && y < height;
    // Bad pixels are neither bright nor dark: the average around them decides.
    values[k] =
      inside && (mask[y * width + x] & (MASK.BAD | MASK.SAT)) === 0
        ? Math.min(score[y * width + x], 10)
        : inside
          ? Number.NaN
          : 0;
  }
  return { start, values };
}

function longestStretch(values: Float64Array): [number, number] | undefined {
  const bright: number[] = [];
  for (let k = 0; k + RUN < values.length; k++) {
    // The median does not see a point source on the line, which is 10 px wide at most.
    const middle = median(values.subarray(k, k + RUN).filter((value) => !Number.isNaN(value)));
    if (middle > VOTE) bright.push(k + (RUN >> 1));
  }
  let best: [number, number] | undefined;
  for (let k = 0, first = 0; k < bright.length; k++) {
    if (k > 0 && bright[k] - bright[k - 1] > LONGEST_GAP) first = k;
    const inside = k - first + 1;
    const length = bright[k] - bright[first];
    // Gaps may not make up more than a quarter of it.
    if (length < SHORTEST || inside < 0.75 * length) continue;
    if (best === undefined || length > best[1] - best[0]) best = [bright[first], bright[k]];
  }
  return best;
}

function mean(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}
