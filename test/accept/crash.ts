import { join } from 'node:path';
import { killAndResume } from '../support/kill-tree.ts';
import { nightResult, publishedAlerts, runCommand, temporaryFolder } from '../support/night.ts';

/** A night a seed whose process tree is killed ten times must end like one that was left alone. */
export async function acceptCrash(seeds: readonly number[]): Promise<string[]> {
  console.log('| seed | kills | alerts | the same as without kills |\n|---|---|---|---|');
  const missed: string[] = [];
  for (const seed of seeds) {
    using folder = temporaryFolder();
    const night = ['--visits', '3', '--detectors', '2', '--seed', String(seed), '--json'];
    const calm = join(folder.path, 'calm');
    const begunMs = performance.now();
    nightResult(await runCommand(['night', ...night, '--data', calm]));
    const calmMs = performance.now() - begunMs;
    const killed = join(folder.path, 'killed');
    const kills = await killAndResume(['night', ...night, '--data', killed], 10, calmMs);
    const [expected, found] = [await publishedAlerts(calm), await publishedAlerts(killed)];
    const same = JSON.stringify([...expected]) === JSON.stringify([...found]);
    console.log(`| ${seed} | ${kills} | ${found.size} | ${same ? 'yes' : 'no'} |`);
    if (!same) missed.push(`seed ${seed}: after ${kills} kills the alerts are not the same`);
  }
  return missed;
}
