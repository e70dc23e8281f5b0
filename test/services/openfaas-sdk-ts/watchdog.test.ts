import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, test } from 'vitest';
import { bundleHandler } from '../../../templates/bundle.ts';
import { startWatchdog } from '../../openfaas-sdk-ts/watchdog.ts';
import { expectNothingLost } from '../../openfaas-sdk-ts/watched-drain.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightshift-bundle-'));
const file = join(folder, 'index.js');
beforeAll(() => bundleHandler('process-test', 'test/openfaas-sdk-ts/process/handler.ts', file));
afterAll(() => rmSync(folder, { recursive: true }));

const binary = process.env.FWATCHDOG;

test.skipIf(!binary)(
  'behind the real of-watchdog (FWATCHDOG names it) no request is lost and the unit in hand is committed',
  async () => {
    await expectNothingLost((environment) =>
      startWatchdog(binary ?? '', file, { environment, healthcheckSeconds: 4, writeTimeoutSeconds: 5 }),
    );
  },
);
