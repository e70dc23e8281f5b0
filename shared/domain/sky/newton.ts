/** Value of a map of the plane and its derivatives: [fx, fy, dfx/dx, dfx/dy, dfy/dx, dfy/dy]. */
export type PlaneMap = (x: number, y: number) => readonly [number, number, number, number, number, number];

const MAX_STEPS = 30;

/**
 * The point near (x0, y0) that a map takes to (targetX, targetY), to within `tolerance` in its own coordinates;
 * undefined where Newton's steps do not get there (outside the range that a distortion was made for).
 */
export function invert(
  map: PlaneMap,
  targetX: number,
  targetY: number,
  [x0, y0]: readonly [number, number],
  tolerance: number,
): [number, number] | undefined {
  let x = x0;
  let y = y0;
  for (let step = 0; step < MAX_STEPS; step++) {
    const [fx, fy, xx, xy, yx, yy] = map(x, y);
    const determinant = xx * yy - xy * yx;
    const dx = (yy * (targetX - fx) - xy * (targetY - fy)) / determinant;
    const dy = (xx * (targetY - fy) - yx * (targetX - fx)) / determinant;
    if (!Number.isFinite(dx + dy)) return undefined;
    x += dx;
    y += dy;
    if (Math.abs(dx) <= tolerance && Math.abs(dy) <= tolerance) return [x, y];
  }
  return undefined;
}
