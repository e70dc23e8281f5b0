import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import weights from '#shared/domain/image/reliability/weights.json' with { type: 'json' };
import { nightResult, publishedAlerts, runCommand, temporaryFolder } from '../support/night.ts';

test('a night of two visits and two detectors is whole, from pixels to the archive', {
  timeout: 180_000,
}, async () => {
  using folder = temporaryFolder();
  const data = join(folder.path, 'night');
  const night = await runCommand([
    'night',
    '--visits',
    '2',
    '--detectors',
    '2',
    '--seed',
    '7',
    '--data',
    data,
    '--json',
  ]);
  const result = nightResult(night);
  expect(result).toMatchObject({
    visits: 2,
    detectorVisits: 4,
    arrived: 4,
    processed: 4,
    lost: 0,
    duplicated: 0,
    deadLettered: 0,
    truth: { satellitesPublished: 0, uncataloguedTrailsPublished: 0 },
  });
  expect(night.code).toBe(0);
  expect(result.alerts).toBe(result.archived);
  // Of four detectors one is crossed by a satellite, whose corridor of 36" takes the transients in it along.
  expect(result.truth.recovered / result.truth.injected).toBeGreaterThanOrEqual(0.9);
  expect(result.truth.falseAlerts).toBeLessThanOrEqual(4);

  const alerts = await publishedAlerts(data);
  expect(alerts.size).toBe(result.alerts);
  for (const alert of alerts.values())
    expect(JSON.parse(alert).diaSource).toMatchObject({ reliabilityVersion: weights.version });
  expect(leastReliability(data)).toBeGreaterThanOrEqual(0.5);
  const check = await runCommand(['ledger', '--check', '--data', data]);
  expect(check).toMatchObject({ code: 0 });
  const [name] = alerts.keys();
  const show = await runCommand(['alert', 'show', name!.replace('.wire', ''), '--data', data]);
  expect(show.stdout).toMatch(/psfFlux .*\n/);
  expect(show.stdout).toContain('stamps (FITS)');
  const ledger = await runCommand(['ledger', '--data', data]);
  expect(ledger.stdout.trim().split('\n')).toHaveLength(3);

  const twice = await runCommand(['night', '--visits', '2', '--seed', '7', '--data', data]);
  expect(twice).toMatchObject({ code: 1 });
  expect(twice.stderr).toContain('add --resume');
});

/** Of the rows in the APDB, in which every one has been judged. */
function leastReliability(data: string): unknown {
  using apdb = new DatabaseSync(join(data, 'apdb.sqlite'), { readOnly: true });
  const row = apdb
    .prepare('SELECT min(CASE WHEN reliability IS NULL THEN -1 ELSE reliability END) AS least FROM DiaSource')
    .get();
  return row?.least;
}
