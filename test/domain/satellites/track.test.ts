import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { degreesLat, degreesLong, eciToGeodetic, gstime, sgp4 } from 'satellite.js';
import { describe, expect, it } from 'vitest';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { distanceToArc } from '#shared/domain/satellites/arc.ts';
import { starTiedDirection } from '#shared/domain/satellites/direction.ts';
import { earthFrameAt, type Site } from '#shared/domain/satellites/earth-frame.ts';
import { parseOmm, type Satellite } from '#shared/domain/satellites/element-set.ts';
import { fieldRadiusDeg, fieldTracks } from '#shared/domain/satellites/track.ts';
import { defaultUncertainty, halfWidth, paddingSeconds } from '#shared/domain/satellites/uncertainty.ts';
import { ARCSEC_A_RADIAN, angleArcsec, toRaDec, toVector } from '#shared/domain/sky/vector.ts';
import { type MjdUtc, mjdTai, mjdTaiFromUtc, mjdUtc, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { parseTle } from '../../support/parse-tle.ts';

const cases: {
  regime: string;
  lines: [string, string];
  omm?: Record<string, unknown>;
  mjdTai: number;
  raDeg: number;
  decDeg: number;
}[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/satellites/directions.json'), 'utf8'),
);
const SECOND = 1 / 86_400;

/** The satellite's places within the field every 0.4 s of an exposure of 30 s and the 2 s around it. */
function placesInField(index: number, boresight: { raDeg: number; decDeg: number }, middle: number) {
  const satellite = parseTle(...cases[index].lines);
  const axis = toVector(boresight.raDeg, boresight.decDeg);
  return Array.from({ length: 86 }, (_, step) => {
    const time = mjdUtc(mjdUtcFromTai(mjdTai(middle)) + ((2 * step) / 5 - 17) * SECOND);
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
    expect(places).toBeGreaterThan(2500);
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

const SEEN_SECONDS = 4;

/** The site right beneath a satellite, which sees it in the zenith. */
function siteBeneath({ satrec, epochMjdUtc }: Satellite, time: MjdUtc): Site {
  const state = sgp4(satrec, (time - epochMjdUtc) * 1440);
  const place = eciToGeodetic(state!.position, gstime(time + 2_400_000.5));
  return { latitudeDeg: degreesLat(place.latitude), longitudeDeg: degreesLong(place.longitude), heightM: 0 };
}

/** When it is nearest to the Earth within the revolution after a time, to a few seconds. */
function perigeeAfter({ satrec, epochMjdUtc }: Satellite, time: MjdUtc): MjdUtc {
  const days = (2 * Math.PI) / satrec.no / 1440;
  const moments = Array.from({ length: 500 }, (_, step) => mjdUtc(time + (step / 500) * days));
  const radius = (moment: MjdUtc) => {
    const { x, y, z } = sgp4(satrec, (moment - epochMjdUtc) * 1440)!.position;
    return Math.hypot(x, y, z);
  };
  return moments.reduce((best, moment) => (radius(moment) < radius(best) ? moment : best));
}

/** Largest distance in arcseconds from a satellite's pieces to its places in the seconds around the middle of an exposure. */
function worstDistance(
  satellite: Satellite,
  middle: MjdUtc,
  site: Site,
): { arcsec: number; degrees: number } {
  const seen = (seconds: number) => {
    const time = mjdUtc(middle + seconds * SECOND);
    return starTiedDirection(satellite, time, earthFrameAt(time, site))!.direction;
  };
  const boresight = toRaDec(seen(0));
  const exposure = exposureAround(mjdTaiFromUtc(middle), boresight);
  const { pieces } = fieldTracks([satellite], exposure, site, defaultUncertainty);
  const places = Array.from({ length: 401 }, (_, step) => seen(SEEN_SECONDS * (step / 200 - 1)));
  const inside = places.filter((place) => angleArcsec(place, seen(0)) < fieldRadiusDeg * 3600);
  const distances = inside.map((place) => Math.min(...pieces.map(({ arc }) => distanceToArc(arc, place))));
  return {
    arcsec: Math.max(...distances) * ARCSEC_A_RADIAN,
    degrees: angleArcsec(inside[0], inside[inside.length - 1]) / 3600,
  };
}

describe('the chord error stays below 2"', () => {
  const chosen = ['low', 'half-day', 'middle', 'geosynchronous'].flatMap((regime) =>
    cases.filter((each) => each.regime === regime).slice(0, 5),
  );

  it.each([
    ['in the zenith at perigee', 0],
    ['in the zenith at perigee, with elements a month old', 30],
    ['in the zenith at perigee, with elements of a month later', -30],
  ])('%s', (_, ageDays) => {
    let fastest = 0;
    for (const { lines } of chosen) {
      const satellite = parseTle(...lines);
      const middle = perigeeAfter(satellite, mjdUtc(satellite.epochMjdUtc + ageDays));
      const { arcsec, degrees } = worstDistance(satellite, middle, siteBeneath(satellite, middle));
      expect(arcsec).toBeLessThan(2);
      fastest = Math.max(fastest, degrees);
    }
    // The field from one side to the other.
    expect(fastest).toBeGreaterThan(4);
  });
});

describe('a path', () => {
  const low = cases.filter(({ regime }) => regime === 'low').slice(0, 10);
  const tracksAround = (satellite: Satellite, middle: MjdUtc, halfSeconds: number) => {
    const seen = (seconds: number) => {
      const time = mjdUtc(middle + seconds * SECOND);
      return starTiedDirection(satellite, time, earthFrameAt(time, rubinSite))!;
    };
    const tai = mjdTaiFromUtc(middle);
    const [beginMjdTai, endMjdTai] = [mjdTai(tai - halfSeconds * SECOND), mjdTai(tai + halfSeconds * SECOND)];
    // Looking where the satellite is when the shutter closes, so that the end of its path is in the field.
    const boresight = toRaDec(seen(halfSeconds).direction);
    const tracks = fieldTracks(
      [satellite],
      { beginMjdTai, endMjdTai, boresight },
      rubinSite,
      defaultUncertainty,
    );
    const distanceAt = (seconds: number) =>
      Math.min(...tracks.pieces.map(({ arc }) => distanceToArc(arc, seen(seconds).direction))) *
      ARCSEC_A_RADIAN;
    return { ...tracks, seen, distanceAt };
  };

  it.each([0, 1, 3])(
    'goes on for 2 s and 1 s a day after the shutter closes, at an age of %s days',
    (ageDays) => {
      for (const { lines, mjdTai: tai } of low) {
        const epochMjdUtc = mjdUtc(mjdUtcFromTai(mjdTai(tai)) - ageDays);
        const satellite = { ...parseTle(...lines), epochMjdUtc };
        const middle = mjdUtcFromTai(mjdTai(tai));
        const { seen, distanceAt } = tracksAround(satellite, middle, 15);
        const end = 15 + paddingSeconds(ageDays);
        expect(distanceAt(end)).toBeLessThan(2);
        const speed = angleArcsec(seen(15).direction, seen(16).direction);
        expect(distanceAt(end + 0.2)).toBeGreaterThan(0.1 * speed);
      }
    },
  );

  it('is as far as the elements are old and the satellite is near in its corridor, farther beyond the table of UT1', () => {
    for (const { omm, mjdTai: tai } of low.filter(({ omm }) => omm)) {
      const age = mjdUtcFromTai(mjdTai(tai)) - parseOmm(JSON.stringify(omm)).epochMjdUtc;
      for (const [epoch, observerKm] of [
        ['2022-08-09T10:00:00', 0.0004],
        // 1,525 days beyond the horizon of 2027-10-29: 0.026 s and 1.525 s at 0.402 km/s.
        ['2032-01-01T00:00:00', 0.624],
      ] as const) {
        const satellite = parseOmm(JSON.stringify({ ...omm, EPOCH: epoch }));
        const { pieces, seen } = tracksAround(satellite, mjdUtc(satellite.epochMjdUtc + age), 15);
        const ranges = [-18, 18].map((seconds) => seen(seconds).rangeKm);
        const widths = pieces.map((piece) => piece.halfWidth);
        const wide = (rangeKm: number, km: number) =>
          halfWidth(defaultUncertainty, Math.abs(age), rangeKm, km);
        const reach = Math.max(...ranges) + 300;
        const nearest = Math.min(...ranges, seen(0).rangeKm, seen(15).rangeKm) - 300;
        expect(Math.min(...widths)).toBeGreaterThanOrEqual(wide(reach, 0.8 * observerKm));
        expect(Math.max(...widths)).toBeLessThanOrEqual(wide(nearest, 1.2 * observerKm));
      }
    }
  });

  it('is followed through an exposure of ten minutes', () => {
    for (const { lines, mjdTai: tai } of low) {
      const { crossing, distanceAt, seen } = tracksAround(
        parseTle(...lines),
        mjdUtcFromTai(mjdTai(tai)),
        300,
      );
      expect(crossing).toBe(1);
      for (let seconds = 290; seconds <= 302; seconds += 0.5)
        if (angleArcsec(seen(seconds).direction, seen(300).direction) < fieldRadiusDeg * 3600)
          expect(distanceAt(seconds)).toBeLessThan(2);
    }
  });

  it('is none where SGP4 has no place, or moves it away faster than any orbit', () => {
    // A satellite that came down in 2022; its last elements say what comes of their drag 115 days later.
    const fallen = parseTle(
      '1 49633U 82092EA  22106.06553676  .20443676 -13220-5  24572-2 0  9993',
      '2 49633  83.0783 339.9774 0009900 264.6405  95.3764 16.36388082 23030',
    );
    const exposure = exposureAround(59_800.2, { raDeg: 10, decDeg: -30 });
    expect(fieldTracks([fallen], exposure, rubinSite, defaultUncertainty)).toEqual({
      pieces: [],
      crossing: 0,
      lost: 1,
    });
  });
});
