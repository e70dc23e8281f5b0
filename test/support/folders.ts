import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

const fresh = () => mkdtempSync(join(tmpdir(), 'nightshift-test-'));
const remove = (folder: string) => rmSync(folder, { recursive: true, force: true });

/** A folder of the running test's own, gone when that is finished. */
export function testFolder(): string {
  const folder = fresh();
  onTestFinished(() => remove(folder));
  return folder;
}

/** A folder for all tests of a file, gone when they are finished. */
export function suiteFolder(): string {
  const folder = fresh();
  afterAll(() => remove(folder));
  return folder;
}
