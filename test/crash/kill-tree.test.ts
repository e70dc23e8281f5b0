import { join } from 'node:path';
import { expect, test } from 'vitest';
import { killAndResume } from '../support/kill-tree.ts';
import { nightResult, publishedAlerts, runCommand, temporaryFolder } from '../support/night.ts';

const night = ['--visits', '3', '--detectors', '2', '--seed', '7', '--json'];
const kills = 10;

test('a night whose process tree is killed ten times ends with the same alerts, each once', async () => {
  using folder = temporaryFolder();
  const [calm, killed] = [join(folder.path, 'calm'), join(folder.path, 'killed')];
  const startedMs = performance.now();
  const reference = await runCommand(['night', ...night, '--data', calm]);
  const calmMs = performance.now() - startedMs;
  expect(nightResult(reference)).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0 });

  const done = await killAndResume(['night', ...night, '--data', killed], kills, calmMs);
  console.log(`killed ${done} times`);
  expect(done, 'the night must be long enough to be killed').toBeGreaterThanOrEqual(3);
  const [expected, found] = [await publishedAlerts(calm), await publishedAlerts(killed)];
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, packet] of expected) expect(found.get(name), name).toBe(packet);
  const check = await runCommand(['ledger', '--check', '--data', killed]);
  expect(check.stdout).toContain('The night is whole');
});
