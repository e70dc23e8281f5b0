import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { processDetector } from '#shared/domain/image/detector.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { temporaryFolder } from '../support/night.ts';
import { python } from '../support/python.ts';
import { simulatedDetector } from '../support/simulated-detector.ts';
import type { Measurement } from './main.ts';

const workspace = createWorkspace();

/**
 * CPU of one 1024x1024 detector, raw bytes to stamps, against what sep (SExtractor's code as a C library) takes for
 * background, detection and measurement of both signs alone, while the chain does some fifteen things more: 17 to 21
 * times as much on a busy machine. What a whole C chain takes is in imaging.ts.
 */
const bar = 25;

export async function detectorBenchmark(quick: boolean): Promise<Measurement[]> {
  const { input } = await simulatedDetector({ camera: 'SimCam', seed: 7, visit: 0, detector: 0 });
  const run = () =>
    processDetector(workspace, { ...input, config: defaultImageConfig }, () => performance.now());
  run();
  const rounds = quick ? 1 : 5;
  const before = process.cpuUsage();
  let result = run();
  for (let round = 1; round < rounds; round++) result = run();
  const { user, system } = process.cpuUsage(before);
  if (result.outcome !== 'measured')
    throw new Error(`the benchmark's detector was refused: ${result.reason}`);
  const ours = (user + system) / 1000 / rounds;
  console.log('\n| stage | ms |\n|---|---|');
  for (const [stage, ms] of Object.entries(result.timingMs)) console.log(`| ${stage} | ${ms.toFixed(0)} |`);
  console.log(
    `| all, CPU | ${ours.toFixed(0)} |\n\n${(60_000 / ours).toFixed(1)} detectors of 1024x1024 a minute and core`,
  );
  const peer = await sepMs(result.products.difference, rounds);
  return [
    {
      name: 'detector, 1024x1024',
      ours: `${ours.toFixed(0)} ms CPU`,
      peer: `sep: ${peer.toFixed(0)} ms CPU`,
      ratio: ours / peer,
      bar,
    },
  ];
}

/** CPU of sep on the same difference image, both signs. */
async function sepMs(difference: Uint8Array, rounds: number): Promise<number> {
  using folder = temporaryFolder();
  const file = join(folder.path, 'difference.fits');
  const image = hduNamed(readFits(difference), 'IMAGE')?.image;
  writeFileSync(file, writeFits([{ header: [], image }]));
  return Number(await python(join(import.meta.dirname, 'sep-detect.py'), [file, String(rounds)]));
}
