import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { featureNames } from '#shared/domain/image/reliability/features.ts';
import { harvestDecam } from './reliability/decam.ts';
import { fitCalibrated } from './reliability/fit.ts';
import { flawCount, type Harvest, harvestScene } from './reliability/plates.ts';
import { harvestRaws } from './reliability/raws.ts';
import { reportTables, rocPicture } from './reliability/report.ts';

const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '126' },
    version: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(`npm run train:reliability -- [--scenes 126] [--version 2]

Makes scenes with known changes and flaws, DECam frames with injections, and raws of the simulated telescope; trains the
reliability model on two thirds of the scenes and all of the rest, and prints how it does on the other scenes. With --version (at most 7 characters) it writes weights.json
and the picture docs/images/reliability-roc.svg.`);
  process.exit(0);
}

const train: Harvest[] = [];
const unseen: Harvest[] = [];
for (let n = 0; n < Number(values.scenes); n++)
  (Math.floor(n / flawCount) % 3 === 2 ? unseen : train).push(harvestScene(n));
const real = harvestDecam(10);
if (real.length === 0)
  console.error('The real DECam frames are not beside the checkout: trained without them.');
train.push(...real, ...(await harvestRaws(5)));

const scenes = train.map(({ samples }) => samples);
const model = fitCalibrated(scenes, featureNames, values.version ?? 'trial', 0.994);
console.log(reportTables(model, unseen));
if (values.version) {
  const root = join(import.meta.dirname, '../..');
  const path = join(root, 'shared/domain/image/reliability/weights.json');
  writeFileSync(path, JSON.stringify(model));
  execFileSync('biome', ['format', '--write', path]);
  writeFileSync(join(root, 'docs/images/reliability-roc.svg'), rocPicture(model, unseen));
}
