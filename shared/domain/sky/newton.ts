/**
 * Writes the value of a map of the plane and its derivatives: fx, dfx/dx, dfx/dy, fy, dfy/dx, dfy/dy. An
 * output array, since a grid of a detector asks for 16,000 points.
 */
export type PlaneMap = (x: number, y: number, out: Float64Array) => void;

const MAX_STEPS = 30;

const work = new Float64Array(6);

/**
 * Writes into out[0], out[1] the point near (x0, y0) that a map takes to (targetX, targetY), by Newton's steps
 * until one is at most `lastStep`; false where they do not get there (outside the range that a distortion was made for).
 */
export function invert(
  map: PlaneMap,
  targetX: number,
  targetY: number,
  x0: number,
  y0: number,
  lastStep: number,
  out: Float64Array,
): boolean {
  let x = x0;
  let y = y0;
  for (let step = 0; step < MAX_STEPS; step++) {
    map(x, y, work);
    const missX = targetX - work[0];
    const missY = targetY - work[3];
    const determinant = work[1] * work[5] - work[2] * work[4];
    const dx = (work[5] * missX - work[2] * missY) / determinant;
    const dy = (work[1] * missY - work[4] * missX) / determinant;
    if (!Number.isFinite(dx + dy)) return false;
    x += dx;
    y += dy;
    if (Math.abs(dx) > lastStep || Math.abs(dy) > lastStep) continue;
    out[0] = x;
    out[1] = y;
    return true;
  }
  return false;
}
