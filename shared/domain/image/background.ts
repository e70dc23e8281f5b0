import { clippedStatistics, medianInPlace } from './statistics.ts';

/** Sky level and its pixel-to-pixel rms on a mesh of cells; node (i, j) is the centre of a cell. */
export interface Background {
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  readonly rows: number;
  readonly level: Float64Array;
  readonly rms: Float64Array;
}

/**
 * Background on a mesh: in each cell the mode (2.5 median - 1.5 mean, or the median where they differ by more than
 * 0.3 sigma: Bertin & Arnouts 1996) after clipping, then a 3x3 median over the mesh.
 *
 * @param exclude mask bits whose pixels do not count
 * @param cell side of a cell in pixels; images smaller than four cells get cells of a quarter, at least 32
 */
export function measureBackground(
  image: Float32Array,
  mask: Uint16Array,
  width: number,
  height: number,
  exclude: number,
  cell = 128,
): Background {
  const columns = Math.max(1, Math.round(width / Math.min(cell, Math.max(32, width / 4))));
  const rows = Math.max(1, Math.round(height / Math.min(cell, Math.max(32, height / 4))));
  const level = new Float64Array(columns * rows);
  const rms = new Float64Array(columns * rows);
  const values = new Float64Array(Math.ceil(width / columns + 1) * Math.ceil(height / rows + 1));
  for (let j = 0; j < rows; j++) {
    const bottom = Math.floor((j * height) / rows);
    const top = Math.floor(((j + 1) * height) / rows);
    for (let i = 0; i < columns; i++) {
      const left = Math.floor((i * width) / columns);
      const right = Math.floor(((i + 1) * width) / columns);
      let count = 0;
      // Of large cells every second row is enough: the level of 8,000 pixels is known to 1 % of the noise.
      const step = top - bottom > 100 ? 2 : 1;
      for (let y = bottom; y < top; y += step) {
        for (let at = y * width + left, end = y * width + right; at < end; at++) {
          if ((mask[at] & exclude) === 0) values[count++] = image[at];
        }
      }
      const enough = count * 4 * step > (top - bottom) * (right - left);
      const cellStatistics = enough ? clippedStatistics(values, count, 3, 5) : undefined;
      level[j * columns + i] = cellStatistics === undefined ? Number.NaN : mode(cellStatistics);
      rms[j * columns + i] = cellStatistics?.sigma ?? Number.NaN;
    }
  }
  return {
    width,
    height,
    columns,
    rows,
    level: smoothMesh(level, columns, rows),
    rms: smoothMesh(rms, columns, rows),
  };
}

function mode({ mean, median, sigma }: { mean: number; median: number; sigma: number }): number {
  return Math.abs(mean - median) > 0.3 * sigma ? median : 2.5 * median - 1.5 * mean;
}

/** 3x3 median; a cell without a value takes the median of the nearest ring that has one. */
function smoothMesh(mesh: Float64Array, columns: number, rows: number): Float64Array {
  return mesh.map((_, at) => {
    const ci = at % columns;
    const cj = Math.floor(at / columns);
    for (let radius = 1; radius <= Math.max(columns, rows); radius++) {
      const near: number[] = [];
      for (let j = Math.max(0, cj - radius); j <= Math.min(rows - 1, cj + radius); j++) {
        for (let i = Math.max(0, ci - radius); i <= Math.min(columns - 1, ci + radius); i++) {
          if (Number.isFinite(mesh[j * columns + i])) near.push(mesh[j * columns + i]);
        }
      }
      if (near.length > 0) {
        const sorted = near.sort((a, b) => a - b);
        const middle = sorted.length >> 1;
        return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
      }
    }
    return 0;
  });
}

/** The mesh at every pixel by a Catmull-Rom spline, extrapolated linearly beyond the outer nodes. */
export function evaluateMesh(background: Background, mesh: Float64Array): Float32Array {
  const { width, height, columns, rows } = background;
  const horizontal = splineTable(width, columns);
  const vertical = splineTable(height, rows);
  const out = new Float32Array(width * height);
  const row = new Float64Array(columns);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < columns; i++) {
      row[i] = 0;
      for (let k = 0; k < 4; k++)
        row[i] += vertical.weights[4 * y + k] * mesh[vertical.nodes[4 * y + k] * columns + i];
    }
    for (let x = 0, at = y * width; x < width; x++) {
      const k = 4 * x;
      out[at + x] =
        horizontal.weights[k] * row[horizontal.nodes[k]] +
        horizontal.weights[k + 1] * row[horizontal.nodes[k + 1]] +
        horizontal.weights[k + 2] * row[horizontal.nodes[k + 2]] +
        horizontal.weights[k + 3] * row[horizontal.nodes[k + 3]];
    }
  }
  return out;
}

function splineTable(size: number, nodes: number): { nodes: Int32Array; weights: Float64Array } {
  const table = { nodes: new Int32Array(4 * size), weights: new Float64Array(4 * size) };
  for (let p = 0; p < size; p++) {
    const u = ((p + 0.5) * nodes) / size - 0.5;
    const first = Math.min(Math.max(Math.floor(u), 0), Math.max(0, nodes - 2));
    const inside = u > 0 && u < nodes - 1;
    const t = u - first;
    // Beyond the outer nodes, and with two nodes or one, the spline is the straight line through the nearest two.
    const weights = inside
      ? [
          (-t + 2 * t * t - t ** 3) / 2,
          (2 - 5 * t * t + 3 * t ** 3) / 2,
          (t + 4 * t * t - 3 * t ** 3) / 2,
          (t ** 3 - t * t) / 2,
        ]
      : [0, nodes > 1 ? 1 - t : 1, nodes > 1 ? t : 0, 0];
    for (let k = 0; k < 4; k++) {
      table.nodes[4 * p + k] = Math.min(Math.max(first + k - 1, 0), nodes - 1);
      table.weights[4 * p + k] = weights[k];
    }
  }
  return table;
}

/** Subtracts the mesh's level from an image in place. */
export function subtractBackground(image: Float32Array, background: Background): void {
  const level = evaluateMesh(background, background.level);
  for (let i = 0; i < image.length; i++) image[i] -= level[i];
}

/** Median level and rms of the mesh. */
export function typicalBackground(background: Background): { level: number; rms: number } {
  return {
    level: medianInPlace(Float64Array.from(background.level)),
    rms: medianInPlace(Float64Array.from(background.rms)),
  };
}
