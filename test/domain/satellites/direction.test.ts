import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { starTiedDirection } from '#shared/domain/satellites/direction.ts';
import { type EarthFrame, earthFrameAt } from '#shared/domain/satellites/earth-frame.ts';
import { parseOmm, type Satellite } from '#shared/domain/satellites/element-set.ts';
import { type EarthOrientation, orientationAt } from '#shared/domain/sky/earth-orientation.ts';
import { angleArcsec, toVector } from '#shared/domain/sky/vector.ts';
import { type MjdUtc, mjdTai, mjdUtc, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { parseTle } from '../../support/parse-tle.ts';

/** The orientation is astropy's, from IERS's tables for every day. */
interface Case extends Omit<EarthOrientation, 'ut1ErrorSeconds'> {
  readonly regime: string;
  readonly lines: [string, string];
  readonly omm?: Record<string, unknown>;
  readonly mjdTai: number;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly rangeKm: number;
}
const cases: Case[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/satellites/directions.json'), 'utf8'),
);
const regimes = Map.groupBy(cases, ({ regime }) => regime);
const utcOf = (each: Case) => mjdUtcFromTai(mjdTai(each.mjdTai));

/** Largest distance from astropy's place in arcseconds, with the frame and the time altered as a test wishes. */
function worst(
  among: readonly Case[],
  alter: {
    frame?: (frame: EarthFrame) => EarthFrame;
    time?: (each: Case) => MjdUtc;
    orientation?: Partial<EarthOrientation>;
  } = {},
  satelliteOf: (each: Case) => Satellite = ({ lines }) => parseTle(...lines),
): number {
  return Math.max(
    ...among.map((each) => {
      const time = alter.time?.(each) ?? utcOf(each);
      const frame = earthFrameAt(time, rubinSite, { ...orientationAt(time), ...alter.orientation });
      const seen = starTiedDirection(satelliteOf(each), time, alter.frame?.(frame) ?? frame);
      if (!alter.time) expect(Math.abs(seen!.rangeKm - each.rangeKm)).toBeLessThan(0.05);
      return angleArcsec(seen!.direction, toVector(each.raDeg, each.decDeg));
    }),
  );
}

const withEarthVelocity = (factor: number) => (frame: EarthFrame) => {
  const [x, y, z] = frame.earthVelocity;
  return { ...frame, earthVelocity: [factor * x, factor * y, factor * z] as const };
};

describe('the direction of a satellite among the stars', () => {
  it.each([...regimes])('is that of sgp4 and astropy for %s orbits', (_, among) => {
    expect(worst(among)).toBeLessThan(0.1);
  });

  it('is the same from an OMM as from two lines', () => {
    const both = cases.filter(({ omm }) => omm);
    expect(both.length).toBeGreaterThan(15);
    expect(worst(both, {}, ({ omm }) => parseOmm(JSON.stringify(omm)))).toBeLessThan(0.1);
  });

  it.each([...regimes])('needs each term for %s orbits', (_, among) => {
    // The annual aberration is 20" where it is left out, and twice that where it is added.
    expect(worst(among, { frame: withEarthVelocity(0) })).toBeGreaterThan(18);
    expect(worst(among, { frame: withEarthVelocity(-1) })).toBeGreaterThan(36);
    // TAI taken for UTC is 37 s.
    expect(worst(among, { time: ({ mjdTai }) => mjdUtc(mjdTai) })).toBeGreaterThan(500);
  });

  it('is up to 10" off for a low orbit on an Earth that keeps to no table', () => {
    // August 2022: UT1 - UTC was -0.03 to 0.02 s, the pole 0.5" off.
    const onMeanEarth = worst(regimes.get('low')!, {
      orientation: { ut1MinusUtcSeconds: 0, poleXArcsec: 0, poleYArcsec: 0 },
    });
    expect(onMeanEarth).toBeGreaterThan(2);
    expect(onMeanEarth).toBeLessThan(12);
  });

  it('takes the Earth’s orientation within 1 ms and 0.003" of astropy’s', () => {
    for (const each of cases) {
      const ours = orientationAt(utcOf(each));
      expect(Math.abs(ours.ut1MinusUtcSeconds - each.ut1MinusUtcSeconds)).toBeLessThan(0.001);
      expect(Math.abs(ours.poleXArcsec - each.poleXArcsec)).toBeLessThan(0.003);
      expect(Math.abs(ours.poleYArcsec - each.poleYArcsec)).toBeLessThan(0.003);
    }
  });
});
