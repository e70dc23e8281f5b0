import type { Section } from './amplifiers.ts';
import { MASK } from './masked-image.ts';
import type { Workspace } from './workspace.ts';

/** Reach of the growth: charge and the interpolated edge of a saturated star spill over by 2 px. */
const GROWTH = 2;

/** A pixel above or below a saturated one belongs to its bleed column while it holds this much of the full well. */
const BLEEDING = 0.5;

/** Part of a detector and the electrons at which it saturates. */
export interface FullWell {
  readonly detector: Section;
  readonly saturationElectrons: number;
}

/**
 * Completes SAT: charge bleeds along columns, so it spreads there while a pixel holds over half of the full well, and
 * then it grows by 2 px to all sides.
 *
 * @param image in the workspace, as `mask`
 * @param saturatedRows non-zero for each row that has a pixel with SAT; set for those that get one by bleeding
 */
export function growSaturation(
  workspace: Workspace,
  image: Float32Array,
  mask: Uint16Array,
  width: number,
  saturatedRows: Uint8Array,
  wells: readonly FullWell[],
): void {
  const bled = { image, mask, width, saturatedRows, wells };
  for (const { x0, x1, y } of saturatedRuns(workspace, mask, width, saturatedRows)) {
    for (let x = x0; x < x1; x++) for (const step of [-1, 1]) bleed(bled, x, y, step);
  }
  for (const { x0, x1, y } of saturatedRuns(workspace, mask, width, saturatedRows)) {
    const last = Math.min(saturatedRows.length - 1, y + GROWTH);
    for (let j = Math.max(0, y - GROWTH); j <= last; j++) {
      const end = j * width + Math.min(width, x1 + GROWTH);
      for (let at = j * width + Math.max(0, x0 - GROWTH); at < end; at++) mask[at] |= MASK.SAT;
    }
  }
}

interface Bleeding {
  readonly image: Float32Array;
  readonly mask: Uint16Array;
  readonly width: number;
  readonly saturatedRows: Uint8Array;
  readonly wells: readonly FullWell[];
}

/** Marks what bled from the saturated pixel (x, y) up or down its column. */
function bleed(
  { image, mask, width, saturatedRows, wells }: Bleeding,
  x: number,
  y: number,
  step: number,
): void {
  const isClear = (row: number): boolean =>
    row >= 0 && row < saturatedRows.length && (mask[row * width + x] & MASK.SAT) === 0;
  if (!isClear(y + step)) return;
  const limit = BLEEDING * saturationAt(wells, x, y);
  for (let row = y + step; isClear(row) && image[row * width + x] > limit; row += step) {
    mask[row * width + x] |= MASK.SAT;
    saturatedRows[row] = 1;
  }
}

/** Runs of SAT by rows, as they are now. */
function saturatedRuns(
  workspace: Workspace,
  mask: Uint16Array,
  width: number,
  saturatedRows: Uint8Array,
): { y: number; x0: number; x1: number }[] {
  const bounds = workspace.integers(width + 2);
  const runs: { y: number; x0: number; x1: number }[] = [];
  for (let y = 0; y < saturatedRows.length; y++) {
    if (saturatedRows[y] === 0) continue;
    const count = workspace.run('findRuns', mask.byteOffset, MASK.SAT, width, y, bounds.byteOffset);
    for (let k = 0; k < count; k++) runs.push({ y, x0: bounds[2 * k], x1: bounds[2 * k + 1] });
  }
  workspace.release(bounds);
  return runs;
}

function saturationAt(wells: readonly FullWell[], x: number, y: number): number {
  const well = wells.find(
    ({ detector }) => x >= detector.x0 && x < detector.x1 && y >= detector.y0 && y < detector.y1,
  );
  return well?.saturationElectrons ?? Number.POSITIVE_INFINITY;
}
