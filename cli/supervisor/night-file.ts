import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Time } from 'openfaas-sdk-ts';
import { z } from 'zod';

/**
 * The simulated night of a data folder: which one it is, and how its clock goes. At process time `atMs` (Unix ms) it
 * was `originMs` (Unix ms, UTC of the sky), and it goes on `speed` times as fast; speed 0 is a clock that the
 * telescope steps from visit to visit. One file for all processes, so that they and a resume agree.
 */
const nightFile = z.object({
  camera: z.string(),
  seed: z.int(),
  originMs: z.number(),
  atMs: z.number(),
  speed: z.number().nonnegative(),
});

export type Night = z.infer<typeof nightFile>;

const fileOf = (dataFolder: string): string => join(dataFolder, 'night.json');

export function readNight(dataFolder: string): Night | undefined {
  const file = fileOf(dataFolder);
  return existsSync(file) ? nightFile.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
}

export function writeNight(dataFolder: string, night: Night): void {
  const fresh = `${fileOf(dataFolder)}.${process.pid}`;
  writeFileSync(fresh, `${JSON.stringify(night)}\n`);
  renameSync(fresh, fileOf(dataFolder));
}

/** How long a reading of the file is good for: a stepped clock is behind by this at most. */
const readEveryMs = 250;

/** The two times of a process that works in a data folder; without a simulated night both are the machine's. */
export function timeOf(dataFolder: string): Time {
  let night: Night | undefined;
  let readAtMs = Number.NEGATIVE_INFINITY;
  const current = (): Night | undefined => {
    const now = performance.now();
    if (now - readAtMs > readEveryMs) {
      night = readNight(dataFolder);
      readAtMs = now;
    }
    return night;
  };
  return {
    night: () => {
      const known = current();
      return known ? known.originMs + (Date.now() - known.atMs) * known.speed : Date.now();
    },
    process: () => performance.now(),
    wall: () => Date.now(),
  };
}
