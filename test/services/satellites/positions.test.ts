import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { sighting, starTiedDirection } from '#shared/domain/satellites/direction.ts';
import { type EarthFrame, earthFrameAt } from '#shared/domain/satellites/earth-frame.ts';
import type { Satellite } from '#shared/domain/satellites/element-set.ts';
import { orientationAt } from '#shared/domain/sky/earth-orientation.ts';
import { angleArcsec, normalize, type Vector } from '#shared/domain/sky/vector.ts';
import { type MjdUtc, mjdTai, mjdUtc, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { parseTle } from '../../support/parse-tle.ts';
import { python, pythonWithPackages } from '../../support/python.ts';
import { obtain } from '../../support/services/availability.ts';
import { sharedData } from '../../support/shared-data.ts';

/** What the oracle tells of a satellite at a time; places are unit vectors in the ICRS. */
interface Told {
  readonly regime: string;
  readonly lines: readonly [string, string];
  readonly mjdTai: number;
  readonly rangeKm: number;
  /** By astropy's GCRS and ICRS. */
  readonly star: Vector;
  /** By the straight line in the Solar System's frame. */
  readonly barycentric: Vector;
  /** `star`, with a term left out on the oracle's side. */
  readonly without: Readonly<Record<'precession' | 'nutation' | 'equinoxes', Vector>>;
}

interface Case extends Told {
  readonly satellite: Satellite;
  readonly time: MjdUtc;
  readonly frame: EarthFrame;
}

const astropy = await obtain(pythonWithPackages);
const catalogue = sharedData('satellites', 'catalog-2022-08.tle');

describe.skipIf(!astropy || !catalogue)('2,000 satellites of the catalogue among the stars', async () => {
  const cases = astropy && catalogue ? await casesOf(catalogue) : [];
  const regimes = Map.groupBy(cases, ({ regime }) => regime);
  const ours = ({ satellite, time, frame }: Case) => starTiedDirection(satellite, time, frame)!;
  const worst = (among: readonly Case[], place: (each: Case) => Vector) =>
    Math.max(...among.map((each) => angleArcsec(place(each), each.star)));

  it('are of every regime', () => {
    expect(cases.length).toBe(2000);
    expect([...regimes.keys()].sort()).toEqual(['eccentric', 'geosynchronous', 'low', 'middle']);
  });

  it.each([...regimes])('stand where sgp4 and astropy see them: %s', (_, among) => {
    // By day up to 0.5", where the Sun bends the light of the stars beside the satellite but not its own.
    expect(worst(among, (each) => ours(each).direction)).toBeLessThan(1);
    for (const each of among) {
      const { direction, rangeKm } = ours(each);
      expect(angleArcsec(direction, each.barycentric)).toBeLessThan(0.15);
      expect(Math.abs(rangeKm - each.rangeKm)).toBeLessThan(0.001);
    }
  });

  it('need every term', () => {
    const sizes = [...regimes].map(([regime, among]) => {
      const entries = terms.map(([term, place]) => [term, Number(worst(among, place).toFixed(2))]);
      return { regime, ...Object.fromEntries(entries) } as Record<string, number>;
    });
    console.table(sizes);
    for (const [term] of terms.slice(1)) {
      expect(Math.max(...sizes.map((size) => size[term])), term).toBeGreaterThan(2);
    }
    for (const size of sizes) expect(size['aberration turned']).toBeGreaterThan(36);
  });

  it('are missed by minutes of arc where TAI is taken for UTC', () => {
    const late = (each: Case) => {
      const time = mjdUtc(each.mjdTai);
      return ours({ ...each, time, frame: earthFrameAt(time, rubinSite) }).direction;
    };
    for (const [regime, among] of regimes) {
      const misses = among.map((each) => angleArcsec(late(each), each.star)).sort((a, b) => a - b);
      expect(misses[Math.floor(misses.length / 2)], regime).toBeGreaterThan(180);
    }
  });
});

async function casesOf(catalogue: string): Promise<Case[]> {
  const script = join(import.meta.dirname, 'positions-oracle.py');
  const told: Told[] = JSON.parse(await python(script, [catalogue]));
  return told.map((each) => {
    const time = mjdUtcFromTai(mjdTai(each.mjdTai));
    return { ...each, time, satellite: parseTle(...each.lines), frame: earthFrameAt(time, rubinSite) };
  });
}

/** Our direction with a term left out; of the frames' turns, which ours does in one, the oracle's with the term left out. */
const terms: readonly (readonly [term: string, place: (each: Case) => Vector])[] = [
  ['all', inFrame({})],
  ['precession', ({ without }) => without.precession],
  ['nutation', ({ without }) => without.nutation],
  ['equinoxes', ({ without }) => without.equinoxes],
  ['polar motion', inFrame({ orientation: { poleXArcsec: 0, poleYArcsec: 0 } })],
  ['DUT1', inFrame({ orientation: { ut1MinusUtcSeconds: 0 } })],
  ['height', inFrame({ heightM: 0 })],
  ['light time', withoutLightTime],
  ['annual aberration', inFrame({ aberration: 0 })],
  ['aberration turned', inFrame({ aberration: -1 })],
];

function inFrame(change: {
  orientation?: Partial<ReturnType<typeof orientationAt>>;
  heightM?: number;
  aberration?: number;
}): (each: Case) => Vector {
  return ({ satellite, time }) => {
    const site = { ...rubinSite, heightM: change.heightM ?? rubinSite.heightM };
    const frame = earthFrameAt(time, site, { ...orientationAt(time), ...change.orientation });
    const [x, y, z] = frame.earthVelocity;
    const factor = change.aberration ?? 1;
    const earthVelocity: Vector = [factor * x, factor * y, factor * z];
    return starTiedDirection(satellite, time, { ...frame, earthVelocity })!.direction;
  };
}

function withoutLightTime({ satellite, time, frame }: Case): Vector {
  const [x, y, z] = normalize(sighting(satellite, time, frame)!.separation);
  const [dx, dy, dz] = frame.earthVelocity;
  return normalize([x - dx, y - dy, z - dz]);
}
