import { type PlaneFit, planeFit } from './plane-fit.ts';
import type { Points } from './star-pairs.ts';
import { median } from './statistics.ts';

/** Stars and references that vote for the offset: the 150 brightest of each. */
const VOTERS = 150;

/** Bin of the offset histogram in pixels: half the drift that a step of rotation leaves in the corners. */
const BIN = 3;

/** Largest error of the predicted rotation. */
const MOST_TURN = (0.3 * Math.PI) / 180;

/**
 * What most pairs of the brightest stars and references agree on, as the map from the image's pixels to the
 * references': all differences within `radius` pixels vote, for each of a few rotations about the frame's centre.
 *
 * @returns undefined where fewer than 3 agree
 */
export function offsetByVotes(
  image: Points,
  catalogue: Points,
  { width, height }: { readonly width: number; readonly height: number },
  radius: number,
): PlaneFit | undefined {
  const centre = [width / 2, height / 2] as const;
  const step = (2 * BIN) / Math.hypot(...centre) / 2;
  const turns = Math.ceil(MOST_TURN / step);
  const stars = firstOf(image);
  const references = firstOf(catalogue);
  let best = { votes: 0, dx: 0, dy: 0, turn: 0 };
  for (let k = 0; k <= 2 * turns; k++) {
    // 0, 1, -1, 2, -2, ...: of equal votes the smallest rotation wins.
    const turn = (k % 2 === 0 ? -k / 2 : (k + 1) / 2) * step;
    const vote = countVotes(stars, turned(references, centre, turn), radius);
    if (vote.votes > best.votes) best = { ...vote, turn };
  }
  if (best.votes < 3) return undefined;
  const { dx, dy, turn } = best;
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  // The references were turned and shifted onto the stars; this is the way back.
  return planeFit(1, centre, [-cos * dx - sin * dy, cos, sin], [sin * dx - cos * dy, -sin, cos]);
}

function firstOf({ x, y }: Points): Points {
  return { x: x.subarray(0, VOTERS), y: y.subarray(0, VOTERS) };
}

function turned({ x, y }: Points, [x0, y0]: readonly [number, number], turn: number): Points {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return {
    x: x.map((value, k) => x0 + (value - x0) * cos - (y[k] - y0) * sin),
    y: x.map((value, k) => y0 + (value - x0) * sin + (y[k] - y0) * cos),
  };
}

/** The offset from references to stars that most pairs share, and how many do. */
function countVotes(
  stars: Points,
  references: Points,
  radius: number,
): { votes: number; dx: number; dy: number } {
  const side = 2 * Math.ceil(radius / BIN) + 3;
  const middle = side / 2 - 0.5;
  const counts = new Uint16Array(side * side);
  const offsets: [number, number][] = [];
  for (let r = 0; r < references.x.length; r++) {
    for (let s = 0; s < stars.x.length; s++) {
      const dx = stars.x[s] - references.x[r];
      const dy = stars.y[s] - references.y[r];
      if (Math.abs(dx) > radius || Math.abs(dy) > radius) continue;
      offsets.push([dx, dy]);
      counts[Math.round(dy / BIN + middle) * side + Math.round(dx / BIN + middle)]++;
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
  const x0 = ((best.at % side) + 0.5 - middle) * BIN;
  const y0 = (Math.floor(best.at / side) + 0.5 - middle) * BIN;
  const near = offsets.filter(([dx, dy]) => Math.abs(dx - x0) <= BIN && Math.abs(dy - y0) <= BIN);
  if (near.length === 0) return { votes: 0, dx: 0, dy: 0 };
  return { votes: near.length, dx: median(near.map(([dx]) => dx)), dy: median(near.map(([, dy]) => dy)) };
}
