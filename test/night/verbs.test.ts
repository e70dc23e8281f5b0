import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFolder } from '../../cli/supervisor/lock.ts';
import { testFolder } from '../support/folders.ts';
import { runCommand } from '../support/night.ts';

/** What a person reads who asks for what cannot be: one sentence, no stack, and an exit code that is not 0. */
async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await runCommand(args);
  expect(code).toBe(1);
  expect(stderr).not.toMatch(/\n\s+at /);
  return stderr;
}

test('a function that does not exist is answered with those that do', async () => {
  for (const verb of ['serve', 'config']) {
    expect(await refusal(verb, 'alert-publsh')).toMatch(/no function 'alert-publsh'.*enqueue, ingest-batch/);
  }
});

test('a file that is missing, or no FITS, is named with what is wrong', async () => {
  const folder = testFolder();
  const text = join(folder, 'notes.txt');
  writeFileSync(text, 'no image\n'.repeat(1000));
  const out = ['--out', join(folder, 'diff')];
  expect(await refusal('difference', join(folder, 'none.fits'), text, ...out)).toMatch(
    /none\.fits cannot be read: ENOENT/,
  );
  expect(await refusal('difference', text, text, ...out)).toMatch(/notes\.txt is no FITS file/);
});

test('a visit, an alert or a night that is not there is said so', async () => {
  const data = join(testFolder(), 'night');
  mkdirSync(data);
  const at = ['--data', data];
  expect(await refusal('ledger', '2026030500003', ...at)).toContain(
    "knows no visit or group '2026030500003'",
  );
  expect(await refusal('alert', 'show', '12345', ...at)).toContain('12345');
  expect(await refusal('alert', 'show', 'twelve', ...at)).toContain('twelve');
});

test('a data folder in use names the process that uses it', async () => {
  const data = testFolder();
  const lock = lockFolder(data);
  try {
    const inUse = `${data} is in use by the process ${process.pid}: stop that one, or choose another --data folder`;
    expect(await refusal('night', '--visits', '1', '--data', data)).toContain(inUse);
    expect(await refusal('start', '--port', '0', '--data', data)).toContain(inUse);
  } finally {
    lock.release();
  }
});

test('a wrong option or camera is answered with what there is', async () => {
  const at = ['--data', testFolder()];
  expect(await refusal('night', '--visits', 'three', ...at)).toContain("'three' is not a whole number");
  expect(await refusal('night', '--visits', '1', '--camera', 'HSC', ...at)).toContain('SimCam or LSSTCam');
  expect(await refusal('consume', '--from', 'yesterday', ...at)).toContain('yesterday');
});
