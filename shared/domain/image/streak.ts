import { countVotes, dismissVoters, gatherVoters, type StraightLine, strongestLine } from './line-search.ts';
import { MASK } from './masked-image.ts';
import { medianInPlace } from './statistics.ts';

/** A straight track over the detector, from its visible start to its end, pixels. */
export interface Streak {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  /** Half width out to which it disturbs the image: its score falls below 1. */
  readonly halfWidth: number;
  /** Median score by distance from the middle line, 0 to halfWidth. */
  readonly profile: Float64Array;
}

const MOST_STREAKS = 8;
/** Lines that are looked at before the search ends: what is no streak costs an attempt as well. */
const MOST_ATTEMPTS = 16;
/** Pixels that say nothing of a track: neither bright nor dark. */
const SPOILT = MASK.SAT | MASK.BAD | MASK.NO_DATA | MASK.SUSPECT | MASK.EDGE;
/** Farthest distance from its middle at which a streak may disturb the image; a broader thing is none. */
const WIDEST = 40;
/** A background that is off by a tenth of its noise makes lines of 1.7, a trail in line with a star one of 1.9. */
const FAINTEST = 2;

/**
 * Tracks in the positive score image by a line search on its cells, each confirmed along its line: a stretch of at
 * least 120 px whose median score over 41 px stays above 1.5.
 */
export function findStreaks(score: Float32Array, mask: Uint16Array, width: number, height: number): Streak[] {
  const image: Scored = { score, mask, width, height };
  const voters = gatherVoters(score, mask, width, height, SPOILT);
  const ballot = countVotes(voters);
  const streaks: Streak[] = [];
  for (let attempt = 0; attempt < MOST_ATTEMPTS && streaks.length < MOST_STREAKS; attempt++) {
    const line = strongestLine(voters, ballot);
    if (line === undefined) break;
    const streak = confirm(line, image);
    if (streak !== undefined) streaks.push(streak);
    dismissVoters(line, streak?.halfWidth ?? 0, voters, ballot);
  }
  return streaks;
}

/** Sets STREAK on the pixels that a streak disturbs. */
export function markStreak(mask: Uint16Array, width: number, height: number, streak: Streak): void {
  visitPixels(streak, width, height, (at) => {
    mask[at] |= MASK.STREAK;
  });
}

/** Pixels above the threshold that are the streak's own: in its middle, or as far as it is above the threshold itself. */
export function streakPixels(
  streak: Streak,
  score: Float32Array,
  width: number,
  height: number,
  threshold: number,
): Int32Array {
  const own: number[] = [];
  visitPixels(streak, width, height, (at, distance) => {
    const isOwn = distance < 3 || streak.profile[Math.floor(distance)] > threshold;
    if (isOwn && Math.abs(score[at]) > threshold) own.push(at);
  });
  return Int32Array.from(own);
}

/** Calls `visit` in ascending order with the index of each pixel on a streak and its distance from the middle line. */
function visitPixels(
  streak: Streak,
  width: number,
  height: number,
  visit: (at: number, distance: number) => void,
): void {
  const { x0, y0, x1, y1, halfWidth: pad } = streak;
  const [dx, dy] = [x1 - x0, y1 - y0];
  const last = Math.min(height - 1, Math.ceil(Math.max(y0, y1) + pad));
  // Along a row it is as wide as across, over the sine of its slope.
  const half = (pad * Math.hypot(dx, dy)) / Math.max(1e-9, Math.abs(dy)) + pad;
  for (let y = Math.max(0, Math.floor(Math.min(y0, y1) - pad)); y <= last; y++) {
    const middle = dy === 0 ? x0 : x0 + ((y - y0) * dx) / dy;
    const left = Math.max(0, Math.ceil(Math.max(Math.min(x0, x1) - pad, middle - half)));
    const right = Math.min(width - 1, Math.floor(Math.min(Math.max(x0, x1) + pad, middle + half)));
    for (let x = left; x <= right; x++) {
      const distance = distanceTo(streak, x, y);
      if (distance <= pad) visit(y * width + x, distance);
    }
  }
}

/** What a streak adds to the score at a position, its median along the track. */
export function streakLevel(streak: Streak, x: number, y: number): number {
  const distance = distanceTo(streak, x, y);
  return distance > streak.halfWidth ? 0 : streak.profile[Math.floor(distance)];
}

/** Distance from the middle line; infinite beyond the ends by more than the half width. */
function distanceTo({ x0, y0, x1, y1, halfWidth }: Streak, x: number, y: number): number {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length;
  if (along < -halfWidth || along > length + halfWidth) return Number.POSITIVE_INFINITY;
  return Math.abs((x - x0) * (y1 - y0) - (y - y0) * (x1 - x0)) / length;
}

interface Scored {
  readonly score: Float32Array;
  readonly mask: Uint16Array;
  readonly width: number;
  readonly height: number;
}

/** Part of a line, foot + t (-sin, cos) for t from `first` to `last`, pixels. */
interface Stretch {
  readonly first: number;
  readonly last: number;
}

function confirm(found: StraightLine, image: Scored): Streak | undefined {
  const rough = brightStretch(image, found);
  if (rough === undefined) return undefined;
  // What is far off its first line is seen off centre once more.
  const line = centreOn(image, centreOn(image, found, rough), rough);
  const stretch = brightStretch(image, line);
  if (stretch === undefined) return undefined;
  const profile = crossProfile(image, line, stretch);
  if (profile === undefined || profile[0] < FAINTEST) return undefined;
  const [x0, y0] = pointAt(line, stretch.first);
  const [x1, y1] = pointAt(line, stretch.last);
  return { x0, y0, x1, y1, halfWidth: profile.length - 1, profile };
}

function pointAt({ angleRad, offset }: StraightLine, t: number): [number, number] {
  const [cos, sin] = [Math.cos(angleRad), Math.sin(angleRad)];
  return [offset * cos - t * sin, offset * sin + t * cos];
}

/** The part of a line that is inside the image. */
function clipLine(line: StraightLine, { width, height }: Scored): Stretch | undefined {
  const [x, y] = pointAt(line, 0);
  let [first, last] = [-1e9, 1e9];
  for (const [start, slope, most] of [
    [x, -Math.sin(line.angleRad), width - 1],
    [y, Math.cos(line.angleRad), height - 1],
  ]) {
    if (Math.abs(slope) < 1e-9) {
      if (start < 0 || start > most) return undefined;
      continue;
    }
    const [a, b] = [-start / slope, (most - start) / slope];
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
  }
  return first < last ? { first: Math.ceil(first), last: Math.floor(last) } : undefined;
}

/** Score along a line every `step` pixels, spoilt pixels left out, and where each value is. */
function sampleLine(
  { score, mask, width, height }: Scored,
  line: StraightLine,
  { first, last }: Stretch,
  step = 1,
): { values: number[]; places: number[] } {
  const [cos, sin] = [Math.cos(line.angleRad), Math.sin(line.angleRad)];
  const [values, places]: [number[], number[]] = [[], []];
  for (let t = first; t <= last; t += step) {
    const x = Math.round(line.offset * cos - t * sin);
    const y = Math.round(line.offset * sin + t * cos);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const at = y * width + x;
    if ((mask[at] & SPOILT) !== 0) continue;
    values.push(score[at]);
    places.push(t);
  }
  return { values, places };
}

/** Pixels whose median must be bright, so that a point source on the line, 10 px wide at most, is not seen. */
const RUN = 41;
const BRIGHT = 1.5;
/** Shortest streak: a shorter trail is fitted as one, and with a star beyond its end looks like 80 px of streak. */
const SHORTEST = 120;
const LONGEST_GAP = 20;
/** Of a stretch so much must be bright. */
const LEAST_FILLED = 0.75;

/** The longest stretch that stays bright. What is spoilt is no gap: a saturated star under a track must not cut it. */
function brightStretch(image: Scored, line: StraightLine): Stretch | undefined {
  const inside = clipLine(line, image);
  if (inside === undefined) return undefined;
  const { values, places } = sampleLine(image, line, inside);
  const bright: number[] = [];
  let count = 0;
  for (let k = 0; k < values.length; k++) {
    if (values[k] > BRIGHT) count++;
    if (k >= RUN && values[k - RUN] > BRIGHT) count--;
    if (k >= RUN - 1 && count > RUN >> 1) bright.push(k - (RUN >> 1));
  }
  let best: [number, number] | undefined;
  for (let k = 0, start = 0; k < bright.length; k++) {
    if (k > 0 && bright[k] - bright[k - 1] > LONGEST_GAP) start = k;
    const length = bright[k] - bright[start];
    if (length < SHORTEST || k - start + 1 < LEAST_FILLED * length) continue;
    if (best === undefined || length > best[1] - best[0]) best = [bright[start], bright[k]];
  }
  if (best === undefined) return undefined;
  const [from, to] = best;
  // The median knows nothing within half a run of the end: a track that is bright there leaves the image.
  return {
    first: from <= RUN ? inside.first : places[from],
    last: to >= values.length - 1 - RUN ? inside.last : places[to],
  };
}

/** The line through the middles of the track's cross sections every 16 px. */
function centreOn(image: Scored, line: StraightLine, { first, last }: Stretch): StraightLine {
  const [cos, sin] = [Math.cos(line.angleRad), Math.sin(line.angleRad)];
  let [n, st, sd, stt, std] = [0, 0, 0, 0, 0];
  for (let t = first; t <= last; t += 16) {
    let [sum, moment] = [0, 0];
    for (let d = -8; d <= 8; d++) {
      const { values } = sampleLine(image, { ...line, offset: line.offset + d }, { first: t, last: t });
      const value = Math.max(0, values[0] ?? 0);
      sum += value;
      moment += value * d;
    }
    if (sum < 10) continue;
    const d = moment / sum;
    n++;
    st += t;
    sd += d;
    stt += t * t;
    std += t * d;
  }
  const spread = stt - (st * st) / n;
  if (n < 4 || !(spread > 0)) return line;
  const slope = (std - (st * sd) / n) / spread;
  const shift = (sd - slope * st) / n;
  // Point (offset + shift + slope t) (cos, sin) + t (-sin, cos): turned by the slope, through its foot.
  const angleRad = line.angleRad - Math.atan(slope);
  const foot = line.offset + shift;
  return {
    angleRad,
    offset: foot * cos * Math.cos(angleRad) + foot * sin * Math.sin(angleRad),
  };
}

/** Median score by distance from the line, the brighter side, until it falls below 1; undefined if it never does. */
function crossProfile(image: Scored, line: StraightLine, stretch: Stretch): Float64Array | undefined {
  const step = Math.max(1, Math.floor((stretch.last - stretch.first) / 500));
  const levels: number[] = [];
  for (let distance = 0; distance <= WIDEST; distance++) {
    const sides = [-distance, distance].map((d) => {
      const { values } = sampleLine(image, { ...line, offset: line.offset + d }, stretch, step);
      return values.length === 0 ? 0 : Math.abs(medianInPlace(Float64Array.from(values)));
    });
    const level = Math.max(...sides);
    if (level < 1) return Float64Array.from([...levels, level]);
    levels.push(level);
  }
  return undefined;
}
