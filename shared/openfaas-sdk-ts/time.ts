import { performance } from 'node:perf_hooks';
import type { Time } from './define-function.ts';

/** The machine's own clocks: night time and process time are one. */
export const realTime: Time = {
  night: () => Date.now(),
  process: () => performance.now(),
  wall: () => Date.now(),
};
