import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nightResult, publishedAlerts, runCommand, temporaryFolder } from '../support/night.ts';

const night = ['--visits', '1', '--detectors', '1', '--seed', '3', '--json'];
const drivers = join(import.meta.dirname, '../../shared/drivers');

/**
 * Effects that a calm night does not have: nobody dies whose work is reclaimed, nothing is set aside, and no unit lasts
 * long enough for its lease to be renewed or given back. They have kill tests of their own beside their drivers.
 */
const notOfANight = new Set([
  'leases.release',
  'work-queue.extend',
  'work-queue.reclaim',
  'work-queue.setAside',
  'work-stream.extend',
  'work-stream.reclaim',
]);

test('a night survives a kill after every kind of effect', { timeout: 1_100_000 }, async () => {
  using folder = temporaryFolder();
  const record = join(folder.path, 'effects');
  const calm = join(folder.path, 'calm');
  const reference = await runCommand(['night', ...night, '--data', calm], {
    NIGHTSHIFT_CRASH: `record:${record}`,
  });
  expect(nightResult(reference)).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0 });
  const expected = await publishedAlerts(calm);
  const kinds = [
    ...new Set(
      readFileSync(record, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('#')[0]!),
    ),
  ].sort();
  expect(declaredEffects().filter((name) => !kinds.includes(name) && !notOfANight.has(name))).toEqual([]);

  for (const kind of kinds) {
    const data = join(folder.path, kind);
    const result = await runCommand(['night', ...night, '--data', data], { NIGHTSHIFT_CRASH: `${kind}#1` });
    const again =
      result.code === null ? await runCommand(['night', ...night, '--data', data, '--resume']) : result;
    expect(nightResult(again), kind).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0 });
    expect(await publishedAlerts(data), kind).toEqual(expected);
  }
  console.log(`killed after ${kinds.length} kinds of effects: ${kinds.join(', ')}`);
});

/** Every effect that an embedded driver reports, read from the sources: a new one must occur in the night. */
function declaredEffects(): string[] {
  const names = ['sqlite', 'fs'].flatMap((technology) => {
    const folder = join(drivers, technology);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/effect\('([^']+)'\)/g)].map(([, name]) => name!),
    );
  });
  return [...new Set(names)].sort();
}
