import { parseArgs } from 'node:util';
import { acceptCrash } from './crash.ts';
import { acceptNight } from './night.ts';

const areas = { night: acceptNight, crash: acceptCrash };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '7,1,11' }, help: { type: 'boolean', default: false } },
});
const run = areas[positionals[0] as keyof typeof areas];

if (values.help || !run) {
  console.log(`npm run accept -- ${Object.keys(areas).join('|')} [--seeds 7,1,11]

Runs an area in full before an issue is closed, and prints a table for docs/. The exit code is 1 where a bar is missed.`);
  process.exit(values.help ? 0 : 1);
}

const missed = await run(values.seeds.split(',').map(Number));
for (const sentence of missed) console.error(sentence);
if (missed.length > 0) process.exitCode = 1;
