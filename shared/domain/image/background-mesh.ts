import { median } from './statistics.ts';
import type { Workspace } from './workspace.ts';

/** Sky level and its pixel-to-pixel sigma on a mesh; node (i, j) is the centre of a cell, the last may reach over the edge. */
export interface Background {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly level: Float64Array;
  readonly rms: Float64Array;
}

/** What clipping at 3 sigma until it settles leaves of a Gaussian's sigma; SExtractor and sep do not put it back. */
export const CLIPPED_SIGMA = 0.98485;

/**
 * Background on a mesh after Bertin & Arnouts (1996, A&A 117, 393): in each cell the mode of the clipped histogram (the
 * median where the two differ by more than 0.3 sigma), then a 3x3 median over the mesh. Same levels as sep to 1e-5.
 *
 * @param image in the workspace, as the mask; no pixel that counts may be NaN
 * @param exclude mask bits whose pixels do not count
 * @param cell side of a cell in pixels, about; images smaller than four cells get cells of a quarter, at least 32
 */
export function measureBackground(
  workspace: Workspace,
  image: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  exclude: number,
  cell = 128,
): Background {
  const [columns, cellWidth] = cellsAlong(width, cell);
  const [rows, cellHeight] = cellsAlong(height, cell);
  const [level, sigma] = [workspace.doubles(columns * rows), workspace.doubles(columns * rows)];
  // Of large cells every second row is enough: the level of 8,000 pixels is known to 1 % of the noise.
  const step = cellHeight > 100 ? 2 : 1;
  workspace.strips('cellRows', rows, [
    ...[image.byteOffset, mask.byteOffset, width, height, exclude, cellWidth, cellHeight, step],
    ...[level.byteOffset, sigma.byteOffset],
  ]);
  const found = {
    level: filterMesh(level, columns, rows),
    rms: filterMesh(sigma, columns, rows).map((value) => value / CLIPPED_SIGMA),
  };
  workspace.release(level, sigma);
  return { width, height, columns, rows, cellWidth, cellHeight, ...found };
}

/** Number and side of cells that are all of one side but the last. */
function cellsAlong(size: number, cell: number): [number, number] {
  const side = Math.ceil(size / Math.max(1, Math.round(size / Math.min(cell, Math.max(32, size / 4)))));
  return [Math.ceil(size / side), side];
}

/** Cells without a value get that of the nearest that have one, then each the median of the 3x3 around it. */
function filterMesh(mesh: Float64Array, columns: number, rows: number): Float64Array {
  const whole = Float64Array.from(mesh, (value, at) =>
    Number.isNaN(value) ? nearestValue(mesh, columns, at % columns, Math.floor(at / columns)) : value,
  );
  return whole.map((_, at) => {
    const [i, j] = [at % columns, Math.floor(at / columns)];
    // At the edges only what lies alike on both sides, so that a slope stays.
    const reachX = Math.min(1, i, columns - 1 - i);
    const reachY = Math.min(1, j, rows - 1 - j);
    const near: number[] = [];
    for (let y = j - reachY; y <= j + reachY; y++) {
      for (let x = i - reachX; x <= i + reachX; x++) near.push(whole[y * columns + x]);
    }
    return median(near);
  });
}

/** Mean of the values at the least distance; 0 where there is none at all. */
function nearestValue(mesh: Float64Array, columns: number, i: number, j: number): number {
  let least = Number.POSITIVE_INFINITY;
  let sum = 0;
  let count = 0;
  mesh.forEach((value, at) => {
    if (Number.isNaN(value)) return;
    const distance = ((at % columns) - i) ** 2 + (Math.floor(at / columns) - j) ** 2;
    if (distance > least) return;
    if (distance < least) [least, sum, count] = [distance, 0, 0];
    sum += value;
    count++;
  });
  return count === 0 ? 0 : sum / count;
}

/** Median level and rms of the mesh. */
export function typicalBackground({ level, rms }: Background): { level: number; rms: number } {
  return { level: median(level), rms: median(rms) };
}
