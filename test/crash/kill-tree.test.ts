import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { nightResult, publishedAlerts, runCommand, startCommand, temporaryFolder } from '../support/night.ts';

const night = ['--visits', '3', '--detectors', '2', '--seed', '7', '--json'];
const kills = 10;

test('a night whose process tree is killed ten times ends with the same alerts, each once', async () => {
  using folder = temporaryFolder();
  const [calm, killed] = [join(folder.path, 'calm'), join(folder.path, 'killed')];
  const startedMs = performance.now();
  const reference = await runCommand(['night', ...night, '--data', calm]);
  const calmMs = performance.now() - startedMs;
  expect(nightResult(reference)).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0 });

  let done = 0;
  for (; done < kills; done++) {
    const run = startCommand(['night', ...night, '--data', killed, '--resume']);
    // Early and late moments alike: somewhere within what is left of the night, and often just after the start.
    const moment = 500 + Math.random() * (calmMs * 0.6);
    const ended = await Promise.race([run.result, sleep(moment)]);
    run.killTree();
    await run.result;
    if (ended) break;
  }
  console.log(`killed ${done} times`);
  const result = await runCommand(['night', ...night, '--data', killed, '--resume']);
  expect(nightResult(result)).toMatchObject({ lost: 0, duplicated: 0, deadLettered: 0 });
  expect(done, 'the night must be long enough to be killed').toBeGreaterThanOrEqual(3);
  const [expected, found] = [await publishedAlerts(calm), await publishedAlerts(killed)];
  expect([...found.keys()]).toEqual([...expected.keys()]);
  for (const [name, packet] of expected) expect(found.get(name), name).toBe(packet);
  const check = await runCommand(['ledger', '--check', '--data', killed]);
  expect(check.stdout).toContain('The night is whole');
});
