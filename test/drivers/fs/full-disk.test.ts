import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../../support/folders.ts';

/** Runs a command with a disk of its own at `folder`, in a mount namespace that nobody else sees. */
const onSmallDisk = (folder: string, megabytes: number, command: readonly string[]) =>
  spawnSync('unshare', [
    '--user',
    '--map-root-user',
    '--mount',
    'sh',
    '-c',
    `mount -t tmpfs -o size=${megabytes}m none "$0" && exec "$@"`,
    folder,
    ...command,
  ]);

/** Not every kernel lets a user mount. */
const maySkip = onSmallDisk('/mnt', 1, ['true']).status !== 0;

test.skipIf(maySkip)('a full disk is said, harms no object, and is over when there is room', () => {
  const folder = testFolder();
  const fill = join(import.meta.dirname, 'processes/fill.ts');
  const { stdout, stderr, status } = onSmallDisk(folder, 6, [process.execPath, fill, folder]);
  expect(String(stderr)).toBe('');
  expect(status).toBe(0);
  const told = JSON.parse(String(stdout));
  expect(told.putCode).toBe('NS_STORAGE_FULL');
  expect(told.stored.length).toBeGreaterThan(20);
  expect(told.listed.toSorted()).toEqual(told.stored.map((key: string) => `${key} 100000`).toSorted());
  // What was appended before the disk was full stays appended; no record is passed over.
  expect(told.appendCodes.join(' ')).toMatch(/^(ok )*NS_STORAGE_FULL( NS_STORAGE_FULL)*$/);
  expect(told.again).toBe('stored');
  expect(told.appendedAgain).toEqual([true]);
});
