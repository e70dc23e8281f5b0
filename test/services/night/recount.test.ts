import { join } from 'node:path';
import { expect, test } from 'vitest';
import { missedBars } from '../../accept/night.ts';
import { nightResult, runCommand, temporaryFolder } from '../../support/night.ts';
import { recount } from '../../support/recount.ts';

test('a night of four visits and four detectors is what it says, by another program', {
  timeout: 600_000,
}, async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, 'night');
  const night = await runCommand([
    'night',
    '--visits',
    '4',
    '--detectors',
    '4',
    '--seed',
    '7',
    '--data',
    data,
    '--json',
  ]);
  const ours = nightResult(night);
  const theirs = await recount(data, { width: 1024, height: 1024 });
  console.log(JSON.stringify({ ours, theirs }));
  expect(ours).toMatchObject({ visits: 4, detectorVisits: 16, lost: 0, duplicated: 0, deadLettered: 0 });
  const { injected, recovered, falseAlerts, satellitesPublished, uncataloguedTrailsPublished } = ours.truth;
  const same = { alerts: ours.alerts, archived: ours.archived, injected, recovered, falseAlerts };
  expect(theirs).toMatchObject({ ...same, satellitesPublished, uncataloguedTrailsPublished });
  expect(missedBars(theirs)).toEqual([]);
  expect(theirs.stampsOpened).toBe(150);
  expect(night.code).toBe(0);
});
