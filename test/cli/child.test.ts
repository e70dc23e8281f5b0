import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '../support/folders.ts';
import { ended, startProcess } from '../support/processes.ts';

const main = join(import.meta.dirname, '../../cli/main.ts');

test('a child whose start fails dies, though its standard input stays open, so that it is started again', async () => {
  const data = join(testFolder(), 'night');
  // There is no secret for the notifications, no registry, and no address for the gateway.
  const child = startProcess(main, ['child', 'services'], { NIGHTSHIFT_DATA: data });
  expect(await ended(child)).toBe(1);
});
