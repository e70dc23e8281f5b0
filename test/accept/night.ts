import { join } from 'node:path';
import { nightResult, runCommand, temporaryFolder } from '../support/night.ts';
import { type Recount, recount } from '../support/recount.ts';

/** A night of four visits and four detectors a seed, recounted in Python: a table row each, and what misses its bar. */
export async function acceptNight(seeds: readonly number[]): Promise<string[]> {
  console.log(
    '| seed | injected | recovered | false a detector-visit | true alerts | flux median | pull sd | mean ra, dec (") | latency p50, max (s) |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  const missed: string[] = [];
  for (const seed of seeds) {
    using folder = temporaryFolder();
    const data = join(folder.path, 'night');
    const args = [
      'night',
      '--visits',
      '4',
      '--detectors',
      '4',
      '--seed',
      String(seed),
      '--data',
      data,
      '--json',
    ];
    const night = await runCommand(args);
    const { latencySeconds } = nightResult(night);
    const counted = await recount(data, { width: 1024, height: 1024 });
    console.log(row(seed, counted, latencySeconds));
    missed.push(...missedBars(counted).map((sentence) => `seed ${seed}: ${sentence}`));
    if (night.code !== 0) missed.push(`seed ${seed}: night ended with ${night.code}`);
  }
  return missed;
}

function row(seed: number, counted: Recount, latency: { p50: number; max: number }): string {
  const { bright } = counted;
  const columns = [
    seed,
    counted.injected,
    `${((100 * counted.recovered) / counted.injected).toFixed(1)} %`,
    (counted.falseAlerts / counted.detectorVisits).toFixed(2),
    `${((100 * counted.trueAlerts) / counted.alerts).toFixed(1)} %`,
    bright.fluxRatioMedian.toFixed(4),
    bright.pullStd.toFixed(3),
    `${bright.meanRaArcsec.toFixed(4)}, ${bright.meanDecArcsec.toFixed(4)}`,
    `${latency.p50.toFixed(1)}, ${latency.max.toFixed(1)}`,
  ];
  return `| ${columns.join(' | ')} |`;
}

/** The bars of a night, each as the sentence that tells how it is missed. */
export function missedBars(counted: Recount): string[] {
  const { bright, alerts, injected, detectorVisits } = counted;
  const bars: [boolean, string][] = [
    [
      counted.lost + counted.duplicated + counted.differing === 0,
      'alerts are lost, doubled or differ in the archive',
    ],
    [counted.bothOwners === 0, 'an alert has both diaObject and ssSource, or neither'],
    [counted.fewestInjected >= 20, `a detector has only ${counted.fewestInjected} injected transients`],
    [counted.recovered / injected >= 0.95, `only ${counted.recovered} of ${injected} are recovered`],
    [
      counted.falseAlerts / detectorVisits <= 1,
      `${counted.falseAlerts} false alerts in ${detectorVisits} detector-visits`,
    ],
    [counted.trueAlerts / alerts >= 0.9, `only ${counted.trueAlerts} of ${alerts} alerts are true`],
    [counted.satellitesPublished === 0, `${counted.satellitesPublished} alerts show a satellite`],
    [counted.uncataloguedTrailsPublished === 0, `${counted.uncataloguedTrailsPublished} alerts show a trail`],
    [
      counted.wrongBandOrTime.length === 0,
      `band or midpoint is wrong: ${JSON.stringify(counted.wrongBandOrTime)}`,
    ],
    [Math.abs(bright.fluxRatioMedian - 1) <= 0.02, `the median flux is off by ${bright.fluxRatioMedian - 1}`],
    [bright.pullStd >= 0.9 && bright.pullStd <= 1.15, `the pulls' standard deviation is ${bright.pullStd}`],
    [Math.abs(bright.meanRaArcsec) <= 0.05, `right ascensions are off by ${bright.meanRaArcsec}" on average`],
    [Math.abs(bright.meanDecArcsec) <= 0.05, `declinations are off by ${bright.meanDecArcsec}" on average`],
  ];
  return bars.flatMap(([kept, sentence]) => (kept ? [] : [sentence]));
}
