// How far apart an older and a newer element set of one satellite place it at the newer one's epoch, off its path and
// along it, by the older one's age; and how many of the newer places the corridors hold for somebody beneath, where
// they are narrowest. It judges defaultUncertainty and paddingSeconds; docs/satellites.md has its figures.
//
//   node test/accept/element-age.ts FOLDER
//
// with files of element sets of many days, which parseElementFile reads. Those of the figures are the versions of
// tle.txt in the public repository github.com/troilus/TLEforLook4Sat (CelesTrak's group active, every four hours):
//
//   for c in $(git log --format=%h -- tle.txt); do git show $c:tle.txt > FOLDER/$c.txt; done

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type EciVec3, sgp4 } from 'satellite.js';
import { catalogNumber } from '#shared/domain/satellites/catalog-number.ts';
import { type ElementRecord, parseElementFile } from '#shared/domain/satellites/element-file.ts';
import { type Satellite, satelliteOf } from '#shared/domain/satellites/element-set.ts';
import {
  defaultUncertainty,
  greatestHalfWidth,
  halfWidth,
  paddingSeconds,
} from '#shared/domain/satellites/uncertainty.ts';

/** Days; a pair belongs to the last bin that begins below its age. */
const bins = [0, 0.5, 1, 2, 3, 5, 7, 10];
const longestAge = 14;
/** Of each satellite's sets, the newest in each span of so many days is held to all before it. */
const newerEvery = 3;
/** Of the older ones one in each span of so many days. */
const olderEvery = 0.25;

/** Older place less newer. */
interface Difference {
  readonly regime: string;
  readonly ageDays: number;
  readonly heightKm: number;
  /** Out of the orbit's plane. */
  readonly crossTrackKm: number;
  /** Off the path among the stars that somebody beneath it sees. */
  readonly offPathKm: number;
  readonly alongTrackSeconds: number;
}

/** All different element sets by satellite, the oldest first, and the numbers of those whose name begins with STARLINK. */
function readObjects(folder: string) {
  const found = new Map<string, ElementRecord>();
  const starlinks = new Set<number>();
  for (const file of readdirSync(folder)) {
    const text = readFileSync(join(folder, file), 'utf8');
    const { elements, refused } = parseElementFile(text, file);
    if (refused.length > 0)
      console.log(`${refused.length} refused, the first: ${JSON.stringify(refused[0])}`);
    for (const each of elements) found.set(`${each.norad} ${each.omm.EPOCH}`, each);
    for (const [, number] of text.matchAll(/^STARLINK.*\r?\n1 (.{5})/gm))
      starlinks.add(catalogNumber(number));
  }
  const sorted = [...found.values()].sort((a, b) => a.epochMjdUtc - b.epochMjdUtc);
  return { objects: Map.groupBy(sorted, ({ norad }) => norad), starlinks };
}

/** The last of each span of days. */
function lastOfEach(days: number, satellites: readonly Satellite[]): Satellite[] {
  return [...new Map(satellites.map((each) => [Math.floor(each.epochMjdUtc / days), each])).values()];
}

function differencesOf(records: readonly ElementRecord[], isStarlink: boolean): Difference[] {
  const satellites = records.map(({ omm }) => satelliteOf(omm));
  const older = lastOfEach(olderEvery, satellites);
  return lastOfEach(newerEvery, satellites).flatMap((newer) => {
    const regime = isStarlink ? `${regimeOf(newer)}, Starlink` : regimeOf(newer);
    const now = sgp4(newer.satrec, 0);
    if (!now || !Number.isFinite(now.position.x)) return [];
    return older
      .filter(({ epochMjdUtc }) => epochMjdUtc < newer.epochMjdUtc)
      .flatMap((old) => {
        const ageDays = newer.epochMjdUtc - old.epochMjdUtc;
        const then = sgp4(old.satrec, ageDays * 1440);
        if (ageDays > longestAge || !then || !Number.isFinite(then.position.x)) return [];
        return [{ regime, ageDays, ...differenceOf(then.position, now) }];
      });
  });
}

/** The Earth's turn, radians a second, and its radius, km. */
const [earthRate, earthRadius] = [7.292115e-5, 6378.137];

/**
 * Somebody beneath the satellite moves by up to 0.46 km/s. One that comes a second late stands where its elements have
 * it a second before, but is seen from 0.46 km farther: off the path that was computed, not only along it.
 */
function differenceOf(
  then: Vector,
  { position, velocity }: { position: Vector; velocity: Vector },
): Omit<Difference, 'regime' | 'ageDays'> {
  const apart = minus(then, position);
  const out = unit(position);
  const observer = { x: -earthRate * earthRadius * out.y, y: earthRate * earthRadius * out.x, z: 0 };
  const seen = unit(cross(position, minus(velocity, observer)));
  const across = unit(cross(position, velocity));
  const speed = Math.hypot(velocity.x, velocity.y, velocity.z);
  return {
    heightKm: Math.hypot(position.x, position.y, position.z) - earthRadius,
    crossTrackKm: dot(apart, across),
    offPathKm: dot(apart, seen),
    alongTrackSeconds: dot(apart, unit(cross(across, out))) / speed,
  };
}

/** By the perigee's height, since the air decides how fast elements age, and by the period. */
function regimeOf({ satrec }: Satellite): string {
  const revolutions = (satrec.no * 1440) / (2 * Math.PI);
  const semiMajorKm = (398_600.8 / (satrec.no / 60) ** 2) ** (1 / 3);
  const perigeeKm = semiMajorKm * (1 - satrec.ecco) - 6378;
  if (satrec.ecco > 0.25) return 'eccentric';
  if (revolutions < 1.1) return 'geosynchronous';
  if (perigeeKm > 2000) return 'middle';
  return perigeeKm < 500 ? 'low, below 500 km' : 'low, 500 to 2000 km';
}

function row(all: readonly Difference[], from: number, to: number) {
  const pairs = all.filter(({ ageDays }) => ageDays >= from && ageDays < to);
  const part = (holds: (each: Difference) => boolean) => percent(pairs.filter(holds).length / pairs.length);
  const isWithin = ({ ageDays, heightKm, offPathKm }: Difference) =>
    Math.abs(offPathKm) <= halfWidth(defaultUncertainty, ageDays, heightKm, 0) * heightKm;
  const isPadded = ({ ageDays, alongTrackSeconds }: Difference) =>
    Math.abs(alongTrackSeconds) <= paddingSeconds(ageDays);
  return {
    days: `${from} to ${to}`,
    pairs: pairs.length,
    ...spread(
      'cross km',
      pairs.map((each) => each.crossTrackKm),
    ),
    ...spread(
      'off path km',
      pairs.map((each) => each.offPathKm),
    ),
    ...spread(
      'along s',
      pairs.map((each) => each.alongTrackSeconds),
    ),
    'in corridor': part(isWithin),
    'in padding': part(isPadded),
    both: part((each) => isWithin(each) && isPadded(each)),
    'off path < 180"': part(({ heightKm, offPathKm }) => Math.abs(offPathKm) <= greatestHalfWidth * heightKm),
  };
}

const percent = (part: number) => `${(100 * part).toFixed(2)} %`;

/** Percentiles of the size; the first is the standard deviation of a normal distribution. */
function spread(name: string, values: readonly number[]) {
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  return Object.fromEntries(
    [68.3, 95].map((each) => [
      `${name} ${each} %`,
      Number((sizes[Math.floor((each / 100) * sizes.length)] ?? Number.NaN).toPrecision(3)),
    ]),
  );
}

type Vector = Pick<EciVec3<number>, 'x' | 'y' | 'z'>;
const minus = (a: Vector, b: Vector): Vector => ({ x: a.x - b.x, y: a.y - b.y, z: a.z - b.z });
const dot = (a: Vector, b: Vector): number => a.x * b.x + a.y * b.y + a.z * b.z;
const unit = (a: Vector): Vector => {
  const length = Math.hypot(a.x, a.y, a.z);
  return { x: a.x / length, y: a.y / length, z: a.z / length };
};
const cross = (a: Vector, b: Vector): Vector => ({
  x: a.y * b.z - a.z * b.y,
  y: a.z * b.x - a.x * b.z,
  z: a.x * b.y - a.y * b.x,
});

const folder = process.argv[2];
if (!folder) {
  console.error('Usage: node test/accept/element-age.ts FOLDER');
  process.exit(1);
}
const { objects, starlinks } = readObjects(folder);
const differences = [...objects].flatMap(([norad, records]) => differencesOf(records, starlinks.has(norad)));
console.log(`${objects.size} satellites, ${differences.length} pairs`);
for (const [regime, among] of Map.groupBy(differences, (each) => each.regime)) {
  console.log(`\n${regime}: ${among.length} pairs`);
  console.table(bins.map((from, index) => row(among, from, bins[index + 1] ?? longestAge)));
}
