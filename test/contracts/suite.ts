import type { Closable } from 'openfaas-sdk-ts';
import { onTestFinished } from 'vitest';

/** Opens one more instance of a port on the same store, as another process would. */
export type Open<Port extends Closable> = () => Promise<Port>;

/** Which of the two worlds a driver belongs to; where they differ, test/contracts/differences.ts says how. */
export type World = 'embedded' | 'real';

/** Length of the leases in the suites, seconds. */
export const leaseSeconds = 1;

/** How soon a waiter knows of a change that another instance made, ms. */
export const wakeUpMs = 500;

/** Opens an instance that is closed when the test is finished. */
export async function opened<Port extends Closable>(open: Open<Port>): Promise<Port> {
  const port = await open();
  onTestFinished(() => port.close());
  return port;
}

/** Names that have broken someone's keys, paths or URLs before. */
export const hostileNames = [
  '2025-04-16T07:03:14.565#1',
  'a+b c',
  '100%',
  '%2F',
  'a:b:{c}',
  'q?x=1&y=2',
  'it\'s "quoted"',
  'back\\slash',
  '*[glob]?',
  'żółć 星 🔭',
];
