import { parseArgs } from 'node:util';
import { detectorBenchmark } from './detector.ts';
import { imagingBenchmark } from './imaging.ts';
import { requestBenchmarks } from './requests.ts';
import { satelliteBenchmark } from './satellites.ts';

/** A measured ratio against a peer in the same run, and the bar that it must stay under (or over). */
export interface Measurement {
  readonly name: string;
  readonly ours: string;
  readonly peer: string;
  /** Ours to the peer's; smaller is better. */
  readonly ratio: number;
  readonly bar: number;
}

const areas = {
  requests: requestBenchmarks,
  detector: detectorBenchmark,
  imaging: imagingBenchmark,
  satellites: satelliteBenchmark,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  console.log(`npm run bench -- [${Object.keys(areas).join('|')}] [--quick]

Measures against a peer in the same run and prints a ratio each; the exit code is 1 where a ratio is worse than twice
its bar. --quick: fewer repetitions and a smaller detector, for CI. imaging compares with hotpants too where HOTPANTS
names its binary. docs/performance.md has figures with their machine.`);
  process.exit(0);
}

const unknown = positionals.find((name) => !(name in areas));
if (unknown)
  throw new Error(`There is no benchmark '${unknown}': it is one of ${Object.keys(areas).join(', ')}.`);

const measurements: Measurement[] = [];
for (const [name, run] of Object.entries(areas)) {
  if (positionals.length === 0 || positionals.includes(name)) measurements.push(...(await run(values.quick)));
}
console.log('\n| benchmark | ours | peer | ratio | bar |\n|---|---|---|---|---|');
for (const { name, ours, peer, ratio, bar } of measurements) {
  console.log(`| ${name} | ${ours} | ${peer} | ${ratio.toFixed(2)} | ${bar} |`);
}
const failed = measurements.filter(({ ratio, bar }) => ratio > 2 * bar);
for (const { name, ratio, bar } of failed)
  console.error(`${name}: the ratio ${ratio.toFixed(2)} is worse than twice its bar of ${bar}`);
if (failed.length > 0) process.exitCode = 1;
