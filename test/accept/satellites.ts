import {
  type Crosser,
  type Judged,
  judgePointing,
  readSatellites,
  truthOfPointings,
} from '../support/satellite-pointings.ts';
import { sharedData } from '../support/shared-data.ts';

const POINTINGS = 400;
/** Pointings that one run of the truth draws. */
const BATCH = 20;
const BOXES = 2000;
/** Greatest parts of the boxes off every path that may be removed. */
const GREATEST = { mean: 0.01, p99: 0.04 };

/**
 * Random 30 s pointings over the real catalogue, the truth by sgp4 and astropy: each satellite that crosses the field
 * must be in a corridor all the way, and boxes farther than 60" from every path must not be.
 */
export async function acceptSatellites(seeds: readonly number[]): Promise<string[]> {
  const catalog = sharedData('satellites', 'catalog-2022-08.tle');
  if (catalog === undefined)
    return ['there is no satellites/catalog-2022-08.tle in the folder of shared data'];
  const satellites = readSatellites(catalog);
  const judged: Judged[] = [];
  for (const seed of seeds) {
    for (let first = 0; first < POINTINGS; first += BATCH) {
      const truths = await truthOfPointings(catalog, { seed, first, count: BATCH, boxes: BOXES });
      judged.push(...truths.map((truth) => judgePointing(satellites, truth)));
      console.error(`${judged.length} of ${seeds.length * POINTINGS} pointings`);
    }
  }
  return report(judged);
}

interface Coverage {
  readonly crosser: Crosser;
  readonly isCovered: boolean;
  readonly displacedCovered: number;
}

function report(judged: readonly Judged[]): string[] {
  const crossers = judged.flatMap(({ truth, covered, displacedCovered }) =>
    truth.crossers.map(
      (crosser, k): Coverage => ({
        crosser,
        isCovered: covered[k] === crosser.places.length,
        displacedCovered: displacedCovered[k],
      }),
    ),
  );
  const lost = (of: (each: Judged) => number): string => quantile(judged.map(of), 0.5).toFixed(0);
  console.log(`${judged.length} pointings of 30 s; element sets without a place in the median one: \
${lost((each) => each.lost)}, by sgp4 ${lost(({ truth }) => truth.lost)}.\n`);
  printCoverage(crossers);
  printDisplaced(crossers);
  const fresh = judged.map(({ removedByFresh }) => removedByFresh);
  printRemoved(
    fresh,
    judged.map(({ removedByAll }) => removedByAll),
  );
  const bare = crossers.filter(({ isCovered }) => !isCovered);
  const missed: string[] = [];
  if (crossers.length === 0) missed.push('no satellite crosses any of the pointings');
  if (bare.length > 0)
    missed.push(`${bare.length} of ${crossers.length} crossers are not covered all the way`);
  if (!(mean(fresh) < GREATEST.mean))
    missed.push(`on average ${percent(mean(fresh))} of the boxes are removed`);
  if (!(quantile(fresh, 0.99) < GREATEST.p99))
    missed.push(`in one pointing of 100 ${percent(quantile(fresh, 0.99))} of the boxes are removed`);
  return missed;
}

function printCoverage(crossers: readonly Coverage[]): void {
  console.log(
    '| orbits | crossers | covered | range km p50 | degrees/s p50, greatest | elements older than a day |',
  );
  console.log('|---|---|---|---|---|---|');
  for (const [regime, own] of grouped(crossers, ({ crosser }) => crosser.regime)) {
    const rates = own.map(({ crosser }) => crosser.degreesASecond);
    const range = quantile(
      own.map(({ crosser }) => crosser.rangeKm),
      0.5,
    );
    const old = own.filter(({ crosser }) => crosser.ageDays > 1).length;
    const covered = own.filter(({ isCovered }) => isCovered).length;
    console.log(
      `| ${regime} | ${own.length} | ${covered} | ${range.toFixed(0)} | ${quantile(rates, 0.5).toPrecision(2)}, ${Math.max(...rates).toPrecision(2)} | ${old} |`,
    );
  }
}

/** Of satellites drawn beside their elements; those that leave the field by it are not among them. */
function printDisplaced(crossers: readonly Coverage[]): void {
  console.log(
    '\nSatellites early or late by up to 1 s a day, and beside their orbit by a draw of the sigma:\n',
  );
  console.log('| orbits, age of the elements | crossers | covered all the way | places covered |');
  console.log('|---|---|---|---|');
  const seen = crossers.filter(({ crosser }) => crosser.displaced.length > 0);
  for (const [name, own] of grouped(seen, ({ crosser }) => `${crosser.regime}, ${ageOf(crosser)}`)) {
    const whole = own.filter(
      ({ crosser, displacedCovered }) => displacedCovered === crosser.displaced.length,
    );
    const places = own.reduce((sum, { crosser }) => sum + crosser.displaced.length, 0);
    const covered = own.reduce((sum, { displacedCovered }) => sum + displacedCovered, 0);
    console.log(`| ${name} | ${own.length} | ${whole.length} | ${percent(covered / places)} |`);
  }
}

const ageOf = ({ ageDays }: Crosser): string =>
  ageDays < 1 ? 'below 1 d' : ageDays < 3 ? '1 to 3 d' : ageDays < 10 ? '3 to 10 d' : 'over 10 d';

function printRemoved(fresh: readonly number[], all: readonly number[]): void {
  console.log('\nPart of the boxes off every path that is removed, over the pointings:\n');
  console.log('| elements | mean | p50 | p90 | p99 | greatest |\n|---|---|---|---|---|---|');
  for (const [name, parts] of [
    ['younger than a day', fresh],
    ["all of the catalogue (of boxes off the former's paths)", all],
  ] as const) {
    const cells = [mean(parts), ...[0.5, 0.9, 0.99, 1].map((part) => quantile(parts, part))].map(percent);
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}

const grouped = (crossers: readonly Coverage[], name: (each: Coverage) => string) =>
  [...Map.groupBy(crossers, name)].toSorted(([a], [b]) => (a < b ? -1 : 1));

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The least of the values that so large a part of them does not pass. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}
