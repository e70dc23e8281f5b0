import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differenceCommand } from '../../../cli/difference.ts';
import type { Detection } from '../../support/imaging/score.ts';
import { type Spent, timed } from './program.ts';
import type { SceneFiles } from './scene-files.ts';

const main = join(import.meta.dirname, '../../../cli/main.ts');

const argumentsOf = ({ folder }: SceneFiles): string[] => [
  ...[join(folder, 'science.fits.fz'), join(folder, 'template.fits.fz')],
  ...['--out', join(folder, 'ours')],
];

/** The front door in a process of its own, with the start of Node and the compilation of everything; what it printed. */
export function differenceCold(scene: SceneFiles): Promise<Spent & { stdout: string }> {
  const args = [main, 'difference', ...argumentsOf(scene), '--timing'];
  return timed(process.execPath, args, scene.folder);
}

/** The same in this process: the way of a worker with its second detector, once it has been called before. */
export async function differenceWarm(scene: SceneFiles): Promise<Spent> {
  const [begun, before] = [performance.now(), process.cpuUsage()];
  await differenceCommand().parseAsync(argumentsOf(scene), { from: 'user' });
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1e6, wall: (performance.now() - begun) / 1000 };
}

/** What the front door listed. */
export function ourDetections({ folder }: SceneFiles): Detection[] {
  const [names, ...rows] = readFileSync(join(folder, 'ours', 'sources.csv'), 'utf8')
    .trim()
    .split('\n');
  return rows.map((row) => {
    const values = row.split(',');
    const value = (name: string): string => values[names.split(',').indexOf(name)];
    const sign = value('isNegative') === 'true' ? -1 : 1;
    return {
      x: Number(value('x')),
      y: Number(value('y')),
      snr: sign * Math.abs(Number(value('snr'))),
      flux: Number(value('flux')),
      fluxErr: Number(value('fluxErr')),
      isDipole: value('isDipole') === 'true',
      trailLength: null,
      trailAngle: null,
    };
  });
}
