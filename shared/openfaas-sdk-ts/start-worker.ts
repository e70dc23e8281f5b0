import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Fault, type FaultCode, isFault } from './faults.ts';

// In a bundle this names the bundle's own file (templates/bundle.ts writes it); from source it does not exist.
declare const BUNDLE_FILE: string | undefined;

/** How a bundle's entry is told which worker it is: `--worker=<name>`. */
export const workerFlag = '--worker=';

/** What a worker thread can do for the main one: asynchronous methods of one argument that can be cloned. */
export type Calls<T> = { readonly [K in keyof T]: (input: never) => Promise<unknown> };

/** A worker thread as an object with methods. A thread that died fails what it had in hand; the next call starts another. */
export interface WorkerHandle<T> {
  readonly calls: T;
  stop(): Promise<void>;
}

interface Question {
  readonly id: number;
  readonly method: string;
  readonly input: unknown;
}

type Answer =
  | { readonly id: number; readonly value: unknown }
  | {
      readonly id: number;
      readonly error: Error;
      readonly fault?: { readonly code: FaultCode; readonly dependency?: string };
    };

/**
 * Starts the worker thread `functions/<name>.ts`, which answers with `serveWorker`. From source that file runs; from
 * dist the same bundle runs again in that role, so that an image needs one file. The name is written as a literal at
 * the call: the bundler finds a function's workers by reading it.
 */
export function startWorker<T extends Calls<T>>(name: string): WorkerHandle<T> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let thread: Worker | undefined;
  let asked = 0;
  const begin = (): Worker => {
    const started = openThread(name);
    started.on('message', (answer: Answer) => settle(answer, waiting));
    started.on('error', (cause) => fail(`The worker ${name} broke: ${cause.message}`, cause));
    started.on('exit', (code) => {
      thread = undefined;
      fail(`The worker ${name} ended with exit code ${code}.`);
    });
    return started;
  };
  const fail = (message: string, cause?: unknown) => {
    for (const { reject } of waiting.values()) reject(new Fault('NS_UNEXPECTED', message, { cause }));
    waiting.clear();
  };
  const ask = (method: string, input: unknown): Promise<unknown> => {
    thread ??= begin();
    const answer = Promise.withResolvers<unknown>();
    const question: Question = { id: asked++, method, input };
    waiting.set(question.id, answer);
    thread.postMessage(question, buffersOf(input));
    return answer.promise;
  };
  thread = begin();
  return {
    calls: new Proxy({}, { get: (_, method) => (input: unknown) => ask(String(method), input) }) as T,
    stop: async () => {
      await thread?.terminate();
    },
  };
}

const handedOver = new WeakMap<object, ArrayBuffer[]>();

/**
 * Marks bytes within an input (or an answer) that move to the other thread instead of being copied; the caller's views of
 * them are empty afterwards. Bytes that share their buffer with others are copied all the same.
 */
export function handOver<T extends object>(
  input: T,
  bytes: readonly (Uint8Array<ArrayBufferLike> | undefined)[],
): T {
  const whole = bytes.flatMap((view) =>
    view && view.buffer instanceof ArrayBuffer && view.byteLength === view.buffer.byteLength
      ? [view.buffer]
      : [],
  );
  handedOver.set(input, [...new Set(whole)]);
  return input;
}

function buffersOf(input: unknown): ArrayBuffer[] {
  return typeof input === 'object' && input !== null ? (handedOver.get(input) ?? []) : [];
}

function openThread(name: string): Worker {
  const argv = [`${workerFlag}${name}`];
  if (typeof BUNDLE_FILE === 'string') return new Worker(BUNDLE_FILE, { argv });
  return new Worker(new URL(`../../functions/${name}.ts`, import.meta.url), { argv });
}

function settle(answer: Answer, waiting: Map<number, PromiseWithResolvers<unknown>>): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if (!('error' in answer)) asked?.resolve(answer.value);
  else if (!answer.fault) asked?.reject(answer.error);
  else {
    const { code, dependency } = answer.fault;
    asked?.reject(new Fault(code, answer.error.message, { cause: answer.error, dependency }));
  }
}

/** The worker's side: answers calls one after another. Faults keep their code on the way; other errors stay errors. */
export function serveWorker<T extends Calls<T>>(calls: T): void {
  if (isMainThread || !parentPort)
    throw new Error('serveWorker belongs into a worker thread; start it with startWorker.');
  const port = parentPort;
  let turn: Promise<void> = Promise.resolve();
  port.on('message', ({ id, method, input }: Question) => {
    turn = turn.then(async () => {
      const answer = await answerTo(id, () => calls[method as keyof T](input as never));
      port.postMessage(answer, 'value' in answer ? buffersOf(answer.value) : []);
    });
  });
}

async function answerTo(id: number, work: () => Promise<unknown>): Promise<Answer> {
  try {
    return { id, value: await work() };
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown : new Error(String(thrown));
    if (!isFault(thrown)) return { id, error };
    const { code, dependency } = thrown;
    return { id, error: new Error(thrown.message), fault: { code, dependency } };
  }
}
