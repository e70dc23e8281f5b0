import { handOver, startWorker } from 'openfaas-sdk-ts';
import { expect, onTestFinished, test } from 'vitest';
import type { Thread } from './process/thread.ts';

function thread() {
  const worker = startWorker<Thread>('../test/openfaas-sdk-ts/process/thread');
  onTestFinished(() => worker.stop());
  return worker.calls;
}

test('calls a method in the thread and gets its answer', async () => {
  const calls = thread();
  expect(await Promise.all([calls.double(2), calls.double(21)])).toEqual([4, 42]);
});

test('a fault keeps its code on the way back', async () => {
  await expect(thread().refuse('too few stars')).rejects.toMatchObject({
    name: 'Fault',
    code: 'NS_ITEM_REFUSED',
    message: 'too few stars',
  });
});

test('a thread that dies fails what it had in hand, and the next call has a new one', async () => {
  const calls = thread();
  await expect(calls.die(3)).rejects.toThrow('ended with exit code 3');
  expect(await calls.double(4)).toBe(8);
});

test('bytes that are handed over move to the thread and back, parts of a buffer are copied', async () => {
  const whole = Uint8Array.of(1, 2, 3);
  const part = new Uint8Array(8).fill(5).subarray(2, 4);
  expect(await thread().reverse(handOver({ whole, part }, [whole, part]))).toEqual({
    whole: Uint8Array.of(3, 2, 1),
    part: Uint8Array.of(5, 5),
  });
  expect([whole.length, part.length]).toEqual([0, 2]);
});
