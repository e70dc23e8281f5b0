import { startWorker } from 'openfaas-sdk-ts';
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
