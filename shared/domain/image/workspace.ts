import { type KernelName, kernelNames, mostPages, wasm } from './kernels/kernels.generated.ts';

/** A kernel as WebAssembly exports it: pointers and numbers in, a number or nothing out. */
type Kernel = (...args: number[]) => number;

export type Kernels = Readonly<Record<KernelName, Kernel>>;

/** Shares the rows of a strip kernel between threads that hold the same memory. */
export interface Crew {
  readonly size: number;
  /** Runs `kernel(...args, scratch, from, to)` until all of [0, rows) is done. */
  share(kernel: KernelName, rows: number, args: readonly number[]): void;
}

/** Bytes at a thread's own disposal during a strip. */
export const SCRATCH_BYTES = 4 << 20;

/** Where threads of one memory agree on their work, strip-crew.ts; below it lie the kernels' own few tables. */
export const CONTROL_BYTE = 64_512;
const FIRST_BYTE = 65_536;
const PAGE = 65_536;
const ALIGNMENT = 64;

/**
 * The memory in which a detector's planes lie and the kernels that work on them. Views stay valid when it grows. What was
 * released is handed out again, so that its size is that of the planes that were in use at one time; what is handed out
 * holds whatever was there.
 */
export interface Workspace {
  readonly memory: WebAssembly.Memory;
  floats(length: number): Float32Array;
  doubles(length: number): Float64Array;
  integers(length: number): Int32Array;
  words(length: number): Uint16Array;
  bytes(length: number): Uint8Array;
  /** Gives memory back; the view that was handed out, not a part of it. */
  release(...views: readonly ArrayBufferView[]): void;
  /** Takes everything back: a workspace serves one image after another. */
  clear(): void;
  /** Calls a kernel once on this thread. */
  run(kernel: KernelName, ...args: number[]): number;
  /** Calls a strip kernel for all rows, shared between the crew's threads: `kernel(...args, scratch, from, to)`. */
  strips(kernel: KernelName, rows: number, args: readonly number[]): void;
}

/** The kernels cannot run on this machine or Node. */
export class KernelsUnavailable extends Error {
  override readonly name = 'KernelsUnavailable';
}

let compiled: WebAssembly.Module | undefined;

/** The kernels' module, compiled once a thread. @throws KernelsUnavailable where WebAssembly has no SIMD or threads */
export function kernelModule(): WebAssembly.Module {
  const bytes = Buffer.from(wasm, 'base64');
  if (!WebAssembly.validate(bytes)) {
    throw new KernelsUnavailable(
      `This Node does not run WebAssembly with 128-bit SIMD and shared memory, which the imaging kernels need. Use Node 24 on a machine with SSE4.1 or NEON.`,
    );
  }
  compiled ??= new WebAssembly.Module(bytes);
  return compiled;
}

export function kernelMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
}

/** Kernels on a memory, for one thread. */
export function instantiateKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory, abort: abortKernel } });
  return Object.fromEntries(kernelNames.map((name) => [name, exports[name]])) as unknown as Kernels;
}

function abortKernel(): never {
  throw new Error('A kernel aborted.');
}

/**
 * A workspace for one chain at a time.
 *
 * @param crewOf makes the crew that shares strips; without it this thread does them alone
 */
export function createWorkspace(
  crewOf?: (memory: WebAssembly.Memory, kernels: Kernels, scratch: (thread: number) => number) => Crew,
): Workspace {
  const memory = kernelMemory();
  const kernels = instantiateKernels(kernelModule(), memory);
  const heap = createHeap(memory);
  const scratch = new Map<number, number>();
  const scratchOf = (thread: number): number => {
    const known = scratch.get(thread) ?? heap.take(SCRATCH_BYTES);
    scratch.set(thread, known);
    return known;
  };
  const view = <T>(array: ArrayOn<T>, length: number): T => {
    const at = heap.take(array.BYTES_PER_ELEMENT * length);
    // Only now: the buffer of before may be shorter.
    return new array(memory.buffer, at, length);
  };
  const crew = crewOf?.(memory, kernels, scratchOf) ?? soloCrew(kernels, scratchOf(0));
  return {
    memory,
    floats: (length) => view(Float32Array, length),
    doubles: (length) => view(Float64Array, length),
    integers: (length) => view(Int32Array, length),
    words: (length) => view(Uint16Array, length),
    bytes: (length) => view(Uint8Array, length),
    release: (...views) => {
      for (const view of views) heap.give(view.byteOffset);
    },
    clear: () => {
      const kept = new Set(scratch.values());
      for (const start of heap.taken()) if (!kept.has(start)) heap.give(start);
    },
    run: (kernel, ...args) => kernels[kernel](...args),
    strips: (kernel, rows, args) => crew.share(kernel, rows, args),
  };
}

function soloCrew(kernels: Kernels, scratch: number): Crew {
  return {
    size: 1,
    share(kernel, rows, args) {
      // V8 starts with slow code and changes to fast code between calls: in a first call for all rows it never could.
      const portion = Math.ceil(rows / 8);
      for (let from = 0; from < rows; from += portion)
        kernels[kernel](...args, scratch, from, Math.min(rows, from + portion));
    },
  };
}

interface ArrayOn<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

interface Heap {
  take(bytes: number): number;
  give(at: number): void;
  taken(): number[];
}

/** First fit over free blocks in order of address; neighbours are joined when they come back. */
function createHeap(memory: WebAssembly.Memory): Heap {
  const free: { start: number; end: number }[] = [];
  const taken = new Map<number, number>();
  let end = FIRST_BYTE;
  const grow = (bytes: number): void => {
    const missing = end + bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
    const last = free.at(-1);
    if (last?.end === end) last.end += bytes;
    else free.push({ start: end, end: end + bytes });
    end += bytes;
  };
  return {
    taken: () => [...taken.keys()],
    take(length) {
      const bytes = Math.max(ALIGNMENT, Math.ceil(length / ALIGNMENT) * ALIGNMENT);
      let index = free.findIndex((block) => block.end - block.start >= bytes);
      if (index < 0) {
        const last = free.at(-1);
        grow(bytes - (last?.end === end ? last.end - last.start : 0));
        index = free.length - 1;
      }
      const block = free[index];
      const { start } = block;
      block.start += bytes;
      if (block.start === block.end) free.splice(index, 1);
      taken.set(start, bytes);
      return start;
    },
    give(start) {
      const bytes = taken.get(start);
      if (bytes === undefined) throw new Error(`Nothing in the workspace starts at byte ${start}.`);
      taken.delete(start);
      const at = free.findIndex((block) => block.start > start);
      const index = at < 0 ? free.length : at;
      free.splice(index, 0, { start, end: start + bytes });
      for (const i of [index, index - 1]) {
        const [block, next] = [free[i], free[i + 1]];
        if (block === undefined || next === undefined || block.end !== next.start) continue;
        block.end = next.end;
        free.splice(i + 1, 1);
      }
    },
  };
}
