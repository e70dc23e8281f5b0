import type { KernelName } from './kernels/kernels.generated.ts';
import type { Workspace } from './workspace.ts';

/** Side of the stretches that the kernels tell of, as in scan.as.ts. */
const BLOCK = 16;

/** Calls `visit` for the pixels of rows in which a limit is exceeded, in the order of the image; some below it among them. */
export function visitBright(
  workspace: Workspace,
  image: Float32Array,
  width: number,
  limitOfRow: (y: number) => number,
  visit: (at: number) => void,
): void {
  const height = image.length / width;
  const limits = workspace.floats(height);
  for (let y = 0; y < height; y++) limits[y] = limitOfRow(y);
  visitBlocks(workspace, 'brightBlocks', image, width, limits.byteOffset, visit);
  workspace.release(limits);
}

/** Calls `visit` for pixels that have any of the bits, in the order of the image; for some without among them. */
export function visitMarked(
  workspace: Workspace,
  mask: Uint16Array,
  width: number,
  bits: number,
  visit: (at: number) => void,
): void {
  visitBlocks(workspace, 'markedBlocks', mask, width, bits, visit);
}

/** What a kernel finds in stretches of 16 pixels: most have nothing, and a look at each pixel takes ten times as long. */
function visitBlocks(
  workspace: Workspace,
  kernel: KernelName,
  plane: Float32Array | Uint16Array,
  width: number,
  criterion: number,
  visit: (at: number) => void,
): void {
  const height = plane.length / width;
  const columns = Math.ceil(width / BLOCK);
  const blocks = workspace.bytes(columns * height);
  workspace.strips(kernel, height, [plane.byteOffset, blocks.byteOffset, width, criterion]);
  for (let k = blocks.indexOf(1); k >= 0; k = blocks.indexOf(1, k + 1)) {
    const y = Math.floor(k / columns);
    const from = (k - y * columns) * BLOCK;
    for (let x = from, end = Math.min(width, from + BLOCK); x < end; x++) visit(y * width + x);
  }
  workspace.release(blocks);
}
