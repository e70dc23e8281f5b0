import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { distanceToArc } from '#shared/domain/satellites/arc.ts';
import { starTiedDirection } from '#shared/domain/satellites/direction.ts';
import { earthFrameAt } from '#shared/domain/satellites/earth-frame.ts';
import { parseTle, type Satellite } from '#shared/domain/satellites/element-set.ts';
import { fieldRadiusDeg, fieldTracks } from '#shared/domain/satellites/track.ts';
import { defaultUncertainty } from '#shared/domain/satellites/uncertainty.ts';
import { ARCSEC_A_RADIAN, angleArcsec, toRaDec, toVector } from '#shared/domain/sky/vector.ts';
import { mjdTai, mjdUtc, mjdUtcFromTai } from '#shared/domain/time/scales.ts';

const cases: { lines: [string, string]; mjdTai: number; raDeg: number; decDeg: number }[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/satellites/directions.json'), 'utf8'),
);
const SECOND = 1 / 86_400;

/** The satellite's places within the field every 0.1 s of an exposure of 30 s and the 2 s around it. */
function placesInField(index: number, boresight: { raDeg: number; decDeg: number }, middle: number) {
  const satellite = parseTle(...cases[index].lines);
  const axis = toVector(boresight.raDeg, boresight.decDeg);
  return Array.from({ length: 341 }, (_, step) => {
    const time = mjdUtc(mjdUtcFromTai(mjdTai(middle)) + (step / 10 - 17) * SECOND);
    return starTiedDirection(satellite, time, earthFrameAt(time, rubinSite))!.direction;
  }).filter((place) => angleArcsec(place, axis) < fieldRadiusDeg * 3600);
}

const exposureAround = (middle: number, boresight: { raDeg: number; decDeg: number }) => ({
  beginMjdTai: mjdTai(middle - 15 * SECOND),
  endMjdTai: mjdTai(middle + 15 * SECOND),
  boresight,
});

describe('the paths of satellites in the field', () => {
  // The pointing is off by up to 2 degrees and the time by up to 14 s, so that most low ones have both ends outside.
  it.each([0, 1, -1])('are followed within 2" wherever they are inside, %s steps off the middle', (side) => {
    let places = 0;
    for (const [index, { lines, ...seen }] of cases.entries()) {
      const decDeg = Math.max(-90, Math.min(90, seen.decDeg + side * 2));
      const boresight = { raDeg: seen.raDeg, decDeg };
      const middle = seen.mjdTai + side * 14 * SECOND;
      const { pieces, crossing, lost } = fieldTracks(
        [parseTle(...lines)],
        exposureAround(middle, boresight),
        rubinSite,
        defaultUncertainty,
      );
      expect([crossing, lost]).toEqual([1, 0]);
      for (const place of placesInField(index, boresight, middle)) {
        const distance = Math.min(...pieces.map(({ arc }) => distanceToArc(arc, place)));
        expect(distance * ARCSEC_A_RADIAN).toBeLessThan(2);
        places++;
      }
    }
    expect(places).toBeGreaterThan(10_000);
  });

  it('are all that come into the field, and no others', () => {
    const satellites = cases.map(({ lines }) => parseTle(...lines));
    for (const [index, { mjdTai: middle, raDeg, decDeg }] of cases.entries()) {
      if (index % 20 !== 0) continue;
      const boresight = toRaDec(toVector(raDeg, decDeg));
      const tracksOf = (some: readonly Satellite[]) =>
        fieldTracks(some, exposureAround(middle, boresight), rubinSite, defaultUncertainty);
      const all = tracksOf(satellites);
      const one = satellites.map((each) => tracksOf([each]));
      expect(all.pieces).toEqual(one.flatMap(({ pieces }) => pieces));
      expect(all.crossing).toBe(one.filter(({ pieces }) => pieces.length > 0).length);
    }
  });
});
