/** Where the kernels that pack and unpack tiles find their numbers. */
import { createWorkspace, type Workspace } from '../image/workspace.ts';
import { ditherNumbers } from './dither.ts';

/**
 * Numbers that are unpacked at a time. Larger tiles go through in pieces of it, so that a file with one tile for its whole
 * image leaves a thread with no more memory than one with a tile a row.
 */
export const MOST_NUMBERS = 1 << 15;

/**
 * What one call leaves there is gone with the next: nothing may hold it while it calls on others. Each array has at least
 * the length asked for and room for four more, since kernels take four numbers at a time.
 */
export interface TileMemory {
  readonly workspace: Workspace;
  /** The standard's random numbers. */
  readonly randoms: Float32Array;
  /** Two integers of a decoder between its pieces. */
  readonly state: Int32Array;
  /** What an encoder needs for a block of 32. */
  readonly block: Int32Array;
  /** A tile's integers; the four bytes before them are free, too. */
  integers(length: number): Int32Array;
  floats(length: number): Float32Array;
  /** MOST_NUMBERS of them. */
  doubles(): Float64Array;
  /** A compressed tile. */
  bytes(length: number): Uint8Array;
  /** True for numbers that a kernel may take where they are: those of this memory, four free ones before and behind them. */
  holds(numbers: ArrayBufferView): boolean;
  /**
   * Lends a row to somebody who may unpack tiles while he fills it, until `use` returns. Its numbers are packed where they
   * are: to copy each row took 0.7 ns a number, a tenth of what it takes to write it.
   */
  lendRow<Numbers extends Int32Array | Float32Array>(
    take: (length: number) => Numbers,
    length: number,
    use: (row: Numbers) => void,
  ): void;
}

/** Bytes that a tile of so many numbers takes at most. */
export function riceBound(count: number): number {
  return 5 * count + 16;
}

let memory: TileMemory | undefined;

/** This thread's, made at the first tile: files without tiles need no kernels. */
export function tileMemory(): TileMemory {
  memory ??= makeTileMemory();
  return memory;
}

function makeTileMemory(): TileMemory {
  const workspace = createWorkspace();
  const randoms = workspace.floats(ditherNumbers.length + 4);
  randoms.set(ditherNumbers);
  const integers = growing(workspace, workspace.integers, MOST_NUMBERS);
  const floats = growing(workspace, workspace.floats, MOST_NUMBERS);
  const bytes = growing(workspace, workspace.bytes, 1 << 16);
  return {
    workspace,
    randoms,
    state: workspace.integers(2),
    block: workspace.integers(2 * (32 + 4)),
    integers: (length) => integers(length + 1).subarray(1),
    floats,
    doubles: growing(workspace, workspace.doubles, 0).bind(undefined, MOST_NUMBERS),
    bytes,
    holds: (numbers) => numbers.buffer === workspace.memory.buffer,
    lendRow: (take, length, use) => {
      // all that the row will need, now: memory that grows has another buffer, and the row's would be a foreign one
      bytes(riceBound(length));
      integers(length + 1);
      floats(length);
      const row = take(length + 8);
      try {
        use(row.subarray(4, 4 + length) as typeof row);
      } finally {
        workspace.release(row);
      }
    },
  };
}

/** An array that is replaced by a longer one where it is too short. */
function growing<Numbers extends ArrayBufferView & { readonly length: number }>(
  workspace: Workspace,
  take: (length: number) => Numbers,
  first: number,
): (length: number) => Numbers {
  let array = take(first + 4);
  return (length) => {
    if (array.length < length + 4) {
      workspace.release(array);
      array = take(length + 4);
    }
    return array;
  };
}
