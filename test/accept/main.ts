import { parseArgs } from 'node:util';
import { acceptCrash } from './crash.ts';
import { acceptDecam } from './decam.ts';
import { acceptFits } from './fuzz-fits.ts';
import { acceptImaging, parseKinds, parseSize, wholeDetector } from './imaging.ts';
import { acceptNight } from './night.ts';
import { acceptReliability } from './reliability.ts';
import { acceptSatellites } from './satellites.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    scenes: { type: 'string', default: 'base,crowded,sparse,equal,sharp,very-sharp,static,identical' },
    size: { type: 'string', default: wholeDetector },
    template: { type: 'string', default: 'native' },
    jobs: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const seeds = values.seeds?.split(',').map(Number);
const someNights = [7, 1, 11];
const areas: Readonly<Record<string, () => Promise<string[]>>> = {
  night: () => acceptNight(seeds ?? someNights),
  crash: () => acceptCrash(seeds ?? someNights),
  fits: () => acceptFits(seeds ?? [20250609]),
  decam: () => acceptDecam(seeds ?? [1, 2, 3]),
  reliability: () => acceptReliability(seeds ?? [1, 2]),
  satellites: () => acceptSatellites(seeds ?? [1]),
  imaging: () => {
    const { template } = values;
    if (template !== 'native' && template !== 'aligned' && template !== 'both')
      throw new RangeError(`--template is native, aligned or both, not ${template}.`);
    return acceptImaging({
      kinds: parseKinds(values.scenes),
      seeds: seeds ?? [1, 2, 3, 4, 5, 6, 7, 8],
      ...parseSize(values.size),
      templates: template === 'both' ? ['native', 'aligned'] : [template],
      jobs: Number(values.jobs),
      json: values.json,
    });
  },
};
const run = areas[positionals[0]];

if (values.help || !run) {
  console.log(`npm run accept -- ${Object.keys(areas).join('|')} [--seeds 7,1,11]

Runs an area in full before an issue is closed, and prints a table for docs/. The exit code is 1 where a bar is missed.

imaging also takes
  --scenes base,static    of ${values.scenes}
  --size 1018x1000        smaller scenes for quick work (default ${wholeDetector})
  --template native       the chain warps it; aligned: it lies on the science image's pixels; both
  --jobs 1                scenes at a time
  --json FILE             every scene's outcome`);
  process.exit(values.help ? 0 : 1);
}

const missed = await run();
for (const sentence of missed) console.error(sentence);
if (missed.length > 0) process.exitCode = 1;
