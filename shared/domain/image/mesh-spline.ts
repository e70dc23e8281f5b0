import type { Background } from './background-mesh.ts';
import type { Workspace } from './workspace.ts';

/** Numbers on a mesh of cells over an image, by rows. */
export type Mesh = Pick<Background, 'width' | 'height' | 'columns' | 'rows' | 'cellWidth' | 'cellHeight'> & {
  readonly values: Float64Array;
};

/** A mesh's natural bicubic spline through the centres of its cells, which goes on as it is beyond the outer ones. */
export interface MeshSpline {
  readonly mesh: Mesh;
  /** Of each node: the value and a sixth of the second derivative along x, along y, and along both. */
  readonly nodes: Float64Array;
}

/** The spline of one of a background's meshes. */
export function backgroundSpline(background: Background, which: 'level' | 'rms'): MeshSpline {
  return meshSpline({ ...background, values: background[which] });
}

export function meshSpline(mesh: Mesh): MeshSpline {
  const { columns, rows, values } = mesh;
  const alongX = bends(values, columns, rows, 1, columns);
  const alongY = bends(values, rows, columns, columns, 1);
  const alongBoth = bends(alongX, rows, columns, columns, 1);
  const nodes = new Float64Array(4 * values.length);
  values.forEach((value, at) => {
    nodes.set([value, alongX[at], alongY[at], alongBoth[at]], 4 * at);
  });
  return { mesh, nodes };
}

/** Sixths of the natural splines' second derivatives along lines of `count` nodes, `step` apart, `next` from line to line. */
function bends(values: Float64Array, count: number, lines: number, step: number, next: number): Float64Array {
  const out = new Float64Array(values.length);
  const slope = new Float64Array(count);
  for (let line = 0; line < lines; line++) {
    const start = line * next;
    // b[k-1] + 4 b[k] + b[k+1] = f[k-1] - 2 f[k] + f[k+1], b = 0 at both ends.
    slope.fill(0);
    for (let k = 1; k < count - 1; k++) {
      const at = start + k * step;
      const pivot = 4 + slope[k - 1];
      slope[k] = -1 / pivot;
      out[at] = (values[at - step] - 2 * values[at] + values[at + step] - out[at - step]) / pivot;
    }
    // A sixth of what the natural spline has here, as in SExtractor and sep, whose levels these are to 1e-5 only so.
    for (let k = count - 2; k > 0; k--) out[start + k * step] += (slope[k] / 6) * out[start + (k + 1) * step];
  }
  return out;
}

/** Weights of the values and bends at the node before and the node after, and which nodes these are. */
interface Place {
  readonly node: number;
  readonly weights: readonly [number, number, number, number];
}

function placeAt(position: number, side: number, count: number): Place {
  if (count === 1) return { node: 0, weights: [1, 0, 0, 0] };
  const u = (position + 0.5) / side - 0.5;
  const node = Math.min(Math.max(Math.floor(u), 0), count - 2);
  const t = u - node;
  const s = 1 - t;
  return { node, weights: [s, t, s ** 3 - s, t ** 3 - t] };
}

/** The spline at a position, pixels. */
export function splineAt({ mesh, nodes }: MeshSpline, x: number, y: number): number {
  const { columns, rows, cellWidth, cellHeight } = mesh;
  const h = placeAt(x, cellWidth, columns);
  const v = placeAt(y, cellHeight, rows);
  let sum = 0;
  for (let j = 0; j < Math.min(2, rows); j++) {
    for (let i = 0; i < Math.min(2, columns); i++) {
      const at = 4 * ((v.node + j) * columns + h.node + i);
      const [wx, bx] = [h.weights[i], h.weights[i + 2]];
      sum += v.weights[j] * (wx * nodes[at] + bx * nodes[at + 1]);
      sum += v.weights[j + 2] * (wx * nodes[at + 2] + bx * nodes[at + 3]);
    }
  }
  return sum;
}

/** image -= spline. */
export function subtractSpline(workspace: Workspace, image: Float32Array, spline: MeshSpline): void {
  withTables(workspace, spline, (tables) =>
    workspace.strips('subtractSplineRows', spline.mesh.height, [image.byteOffset, ...tables]),
  );
}

/** image /= max(spline, least). */
export function divideBySpline(
  workspace: Workspace,
  image: Float32Array,
  spline: MeshSpline,
  least: number,
): void {
  withTables(workspace, spline, (tables) =>
    workspace.strips('divideSplineRows', spline.mesh.height, [image.byteOffset, ...tables, least]),
  );
}

/** out = scale (max(spline, least)^power + offset). */
export function fillFromSpline(
  workspace: Workspace,
  out: Float32Array,
  spline: MeshSpline,
  { power, least, offset, scale }: { power: 1 | 2; least: number; offset: number; scale: number },
): void {
  withTables(workspace, spline, (tables) =>
    workspace.strips('varianceSplineRows', spline.mesh.height, [
      ...[out.byteOffset, ...tables, power, least, offset, scale],
    ]),
  );
}

/** The kernels' arguments from `width` to `across`; their memory is free again when `run` returns. */
function withTables(
  workspace: Workspace,
  { mesh, nodes }: MeshSpline,
  run: (tables: number[]) => void,
): void {
  const { width, height, columns, rows, cellWidth, cellHeight } = mesh;
  const knots = workspace.doubles(nodes.length);
  const along = workspace.floats(4 * width);
  const cells = workspace.integers(columns);
  const across = workspace.doubles(5 * height);
  knots.set(nodes);
  cells.fill(width);
  for (let x = width - 1; x >= 0; x--) {
    const { node, weights } = placeAt(x, cellWidth, columns);
    for (let k = 0; k < 4; k++) along[k * width + x] = weights[k];
    if (node > 0) cells[node - 1] = x;
  }
  for (let y = 0; y < height; y++) {
    const { node, weights } = placeAt(y, cellHeight, rows);
    across.set([...weights, node], 5 * y);
  }
  run([width, knots.byteOffset, columns, rows, along.byteOffset, cells.byteOffset, across.byteOffset]);
  workspace.release(knots, along, cells, across);
}
