import { growMask } from './grow-mask.ts';
import { MASK } from './masked-image.ts';
import { visitMarked } from './scan.ts';
import type { Workspace } from './workspace.ts';

/** A halo ends where the star has fallen to this many sigma of the sky in one pixel. */
const FAINTEST = 10;

/** Farthest pixel of a halo from the saturated core. */
const REACH = 60;

/** How far a halo is grown beyond its faintest pixel. */
const MARGIN = 8;

/**
 * Marks the halos of saturated stars as SUSPECT: the 21 px kernel cannot carry their wings, so rings stay. A halo is
 * what is connected with saturated pixels through pixels where the template (or, without one, the image) exceeds 10
 * sigma of the sky, at most 60 px far.
 *
 * @param skySigma of one pixel
 */
export function markHalos(
  workspace: Workspace,
  mask: Uint16Array,
  matched: Float32Array,
  image: Float32Array,
  width: number,
  height: number,
  skySigma: number,
): void {
  const limit = FAINTEST * skySigma;
  let front: number[] = [];
  const saturated = MASK.SAT | MASK.SAT_TEMPLATE;
  visitMarked(workspace, mask, width, saturated, (at) => {
    if ((mask[at] & saturated) === 0) return;
    mask[at] |= MASK.SUSPECT;
    front.push(at);
  });
  for (let step = 1; step < REACH && front.length > 0; step++) {
    const next: number[] = [];
    for (const at of front) {
      const x = at % width;
      for (const to of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
        if (to < 0 || to >= mask.length || (mask[to] & MASK.SUSPECT) !== 0) continue;
        if (image[to] < limit && smoothedAt(matched, width, height, to) < limit) continue;
        mask[to] |= MASK.SUSPECT;
        next.push(to);
      }
    }
    front = next;
  }
  growMask(workspace, mask, width, height, MASK.SUSPECT, MARGIN);
}

/** Mean over 5x5 pixels, weighed by a Gaussian of 1.5 px: noise alone shall not carry a halo on. */
function smoothedAt(image: Float32Array, width: number, height: number, at: number): number {
  const [cx, cy] = [at % width, Math.floor(at / width)];
  let sum = 0;
  let weights = 0;
  for (let y = Math.max(0, cy - 2); y <= Math.min(height - 1, cy + 2); y++) {
    for (let x = Math.max(0, cx - 2); x <= Math.min(width - 1, cx + 2); x++) {
      const weight = WEIGHTS[Math.abs(x - cx)] * WEIGHTS[Math.abs(y - cy)];
      sum += weight * image[y * width + x];
      weights += weight;
    }
  }
  return sum / weights;
}

const WEIGHTS = [0, 1, 2].map((distance) => Math.exp(-0.5 * (distance / 1.5) ** 2));
