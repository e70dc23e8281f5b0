import { type KernelName, kernelNames } from './kernels/kernels.generated.ts';
import { CONTROL_BYTE, type Crew, instantiateKernels, type Kernels, kernelModule } from './workspace.ts';

/** Words of the block through which the threads of a crew agree, an Int32Array on the shared memory. */
const WORD = {
  /** Counts the strips asked for; a change of it is the call to work. */
  call: 0,
  kernel: 1,
  rows: 2,
  /** Rows that a thread takes at a time. */
  portion: 3,
  /** First row that nobody has taken. */
  next: 4,
  /** Members that are done with this call. */
  done: 5,
  failed: 6,
  argumentCount: 7,
  stop: 8,
} as const;

/** The arguments follow as numbers of 64 bits. */
const ARGUMENTS_BYTE = CONTROL_BYTE + 64;
const MOST_ARGUMENTS = 24;

/** Portions a thread takes of one call, so that one that was held up does not keep the others waiting. */
const PORTIONS = 4;

/** A strip takes milliseconds; a member that is silent for so long has not started, or has died. */
const PATIENCE_MS = 60_000;

/** What a member's thread must be given. */
export interface CrewMember {
  readonly memory: WebAssembly.Memory;
  /** Where its scratch is. */
  readonly scratch: number;
  readonly members: number;
}

/**
 * The leader's side of a crew: the calling thread does strips together with `members` others.
 *
 * @param start starts the thread of a member, which calls `serveStrips`
 */
export function leadCrew(
  members: number,
  start: (member: CrewMember) => void,
): (memory: WebAssembly.Memory, kernels: Kernels, scratch: (thread: number) => number) => Crew {
  return (memory, kernels, scratchOf) => {
    const { words, values } = controlOf(memory);
    const own = scratchOf(0);
    for (let k = 1; k <= members; k++) start({ memory, scratch: scratchOf(k), members });
    return {
      size: members + 1,
      share(kernel, rows, args) {
        values.set(args);
        words[WORD.kernel] = kernelNames.indexOf(kernel);
        words[WORD.rows] = rows;
        words[WORD.portion] = Math.max(1, Math.ceil(rows / (PORTIONS * (members + 1))));
        words[WORD.argumentCount] = args.length;
        Atomics.store(words, WORD.next, 0);
        Atomics.store(words, WORD.done, 0);
        Atomics.add(words, WORD.call, 1);
        Atomics.notify(words, WORD.call);
        work(words, values, kernels, own);
        awaitMembers(words, members);
        if (Atomics.load(words, WORD.failed) !== 0)
          throw new Error(`A thread failed in the kernel ${kernel}.`);
      },
    };
  };
}

function awaitMembers(words: Int32Array, members: number): void {
  for (let done = 0; done < members; done = Atomics.load(words, WORD.done)) {
    if (Atomics.wait(words, WORD.done, done, PATIENCE_MS) === 'timed-out')
      throw new Error(
        `${members - done} of ${members} pixel threads gave no sign of life in ${PATIENCE_MS} ms.`,
      );
  }
}

/** Ends the members' threads: `serveStrips` returns in each. */
export function dismissCrew(memory: WebAssembly.Memory): void {
  const { words } = controlOf(memory);
  Atomics.store(words, WORD.stop, 1);
  Atomics.add(words, WORD.call, 1);
  Atomics.notify(words, WORD.call);
}

/** A member's side: does its part of every call until it is dismissed. Blocks its thread. */
export function serveStrips({ memory, scratch, members }: CrewMember): void {
  const { words, values } = controlOf(memory);
  const kernels = instantiateKernels(kernelModule(), memory);
  for (let seen = 0; ; ) {
    Atomics.wait(words, WORD.call, seen);
    seen = Atomics.load(words, WORD.call);
    if (Atomics.load(words, WORD.stop) !== 0) return;
    try {
      work(words, values, kernels, scratch);
    } catch {
      // The leader must not wait for ever; it throws, and names the kernel.
      Atomics.store(words, WORD.failed, 1);
    }
    if (Atomics.add(words, WORD.done, 1) + 1 === members) Atomics.notify(words, WORD.done);
  }
}

function controlOf(memory: WebAssembly.Memory): { words: Int32Array; values: Float64Array } {
  return {
    words: new Int32Array(memory.buffer, CONTROL_BYTE, 16),
    values: new Float64Array(memory.buffer, ARGUMENTS_BYTE, MOST_ARGUMENTS),
  };
}

function work(words: Int32Array, values: Float64Array, kernels: Kernels, scratch: number): void {
  const kernel: KernelName = kernelNames[words[WORD.kernel]];
  const [rows, portion] = [words[WORD.rows], words[WORD.portion]];
  const args = [...values.subarray(0, words[WORD.argumentCount])];
  for (;;) {
    const from = Atomics.add(words, WORD.next, portion);
    if (from >= rows) return;
    kernels[kernel](...args, scratch, from, Math.min(rows, from + portion));
  }
}
