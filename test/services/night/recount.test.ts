import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nightResult, runCommand, temporaryFolder } from '../../support/night.ts';
import { python } from '../../support/python.ts';

// The night that the first issue of the project demands, recounted by a program that shares nothing with ours.
test('a night of four visits and four detectors is what it says, by another program', {
  timeout: 600_000,
}, async () => {
  using folder = temporaryFolder();
  const [data, packets] = [join(folder.path, 'night'), join(folder.path, 'packets')];
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
  await runCommand(['consume', '--data', data, '--out', packets]);
  const script = join(import.meta.dirname, '../../interop/recount.py');
  const archive = join(data, 'objects', 'archive');
  const theirs = JSON.parse(
    await python(script, [join(data, 'truth'), packets, archive, join(data, 'apdb.sqlite'), '1024', '1024']),
  );
  console.log(JSON.stringify({ ours, theirs }));

  expect(ours).toMatchObject({ visits: 4, detectorVisits: 16, lost: 0, duplicated: 0, deadLettered: 0 });
  expect(theirs).toMatchObject({
    alerts: ours.alerts,
    archived: ours.archived,
    lost: 0,
    duplicated: 0,
    differing: 0,
    bothOwners: 0,
    injected: ours.truth.injected,
    recovered: ours.truth.recovered,
    falseAlerts: ours.truth.falseAlerts,
    satellitesPublished: 0,
    uncataloguedTrailsPublished: 0,
    wrongBandOrTime: [],
  });
  expect(theirs.fewestInjected).toBeGreaterThanOrEqual(20);
  expect(theirs.recovered / theirs.injected).toBeGreaterThanOrEqual(0.95);
  expect(theirs.falseAlerts / ours.detectorVisits).toBeLessThanOrEqual(1);
  expect(theirs.trueAlerts / theirs.alerts).toBeGreaterThanOrEqual(0.9);
  expect(Math.abs(theirs.bright.fluxRatioMedian - 1)).toBeLessThanOrEqual(0.02);
  expect(theirs.bright.pullStd).toBeGreaterThanOrEqual(0.9);
  expect(theirs.bright.pullStd).toBeLessThanOrEqual(1.15);
  expect(Math.abs(theirs.bright.meanRaArcsec)).toBeLessThanOrEqual(0.05);
  expect(Math.abs(theirs.bright.meanDecArcsec)).toBeLessThanOrEqual(0.05);
  expect(theirs.stampsOpened).toBe(150);
  expect(night.code).toBe(0);
});
