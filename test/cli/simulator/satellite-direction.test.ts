import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findInstrument } from '#shared/domain/ids/instruments.ts';
import { separationArcsec, toRaDec } from '#shared/domain/sky/vector.ts';
import { type ElementSet, elementsSeenAt, propagatorOf } from '../../../cli/simulator/orbits.ts';
import { randomStream } from '../../../cli/simulator/random.ts';
import { momentAt, starTiedDirection } from '../../../cli/simulator/satellite-direction.ts';
import { taiFromUnixMs } from '../../../cli/simulator/tai.ts';

interface Case {
  id: string;
  utc: string;
  raDeg: number;
  decDeg: number;
  rangeKm: number;
}
const { elements, cases }: { elements: ElementSet[]; cases: Case[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/simulator/directions.json'), 'utf8'),
);
const site = findInstrument('SimCam')!.observer;

it.each(cases)('sees satellite $id at $utc where sgp4 and astropy do', ({ id, utc, ...place }) => {
  const propagator = propagatorOf(elements.find((set) => set.NORAD_CAT_ID === id)!);
  const seen = starTiedDirection(propagator, momentAt(taiFromUnixMs(Date.parse(utc)), site))!;
  const { raDeg, decDeg } = toRaDec(seen.direction);
  expect(separationArcsec(raDeg, decDeg, place.raDeg, place.decDeg)).toBeLessThan(0.1);
  expect(Math.abs(seen.rangeKm - place.rangeKm)).toBeLessThan(0.001);
});

it('finds element sets that are seen where and when they are asked for', () => {
  for (let index = 0; index < 20; index++) {
    const draw = randomStream('orbit', index);
    const time = taiFromUnixMs(Date.UTC(2026, 2, 1 + index, 4, 0, 0));
    const target = { raDeg: draw.between(150, 170), decDeg: draw.between(-60, 0) };
    const set = elementsSeenAt(draw, 300_000 + index, target, time, site);
    const { raDeg, decDeg } = toRaDec(starTiedDirection(propagatorOf(set), momentAt(time, site))!.direction);
    expect(separationArcsec(raDeg, decDeg, target.raDeg, target.decDeg)).toBeLessThan(5);
    expect(Date.parse(`${set.EPOCH}Z`)).toBeLessThan(time);
  }
});
