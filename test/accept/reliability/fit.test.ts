import { expect, it } from 'vitest';
import { reliability } from '#shared/domain/image/reliability/model.ts';
import { type Random, random } from '../../support/scene.ts';
import { fitCalibrated } from './fit.ts';
import { areaUnderRoc, judge, rocPoints } from './report.ts';
import type { Sample } from './samples.ts';

/** Real ones lie within a ring of bogus ones, which no straight cut tells apart. */
function sampleOf(draw: Random): Sample {
  const real = draw.uniform() < 0.5;
  const [radius, angle] = [(real ? 0.6 : 2.2) + 0.25 * draw.normal(), 2 * Math.PI * draw.uniform()];
  const features = Float64Array.of(3 + radius * Math.cos(angle), 40 * radius * Math.sin(angle));
  return { features, real, isPoint: real, snr: 5 + 20 * draw.uniform(), kind: 'ring' };
}

const scenesOf = (seed: number): Sample[][] => {
  const draw = random(seed);
  return Array.from({ length: 9 }, () => Array.from({ length: 60 }, () => sampleOf(draw)));
};

it('tells real from bogus sources that it has not seen, with 0.5 where it was asked to be, alike in every run', () => {
  const model = fitCalibrated(scenesOf(1), ['x', 'y'], 'test', 0.98);
  const unseen = scenesOf(2).flat();
  const judged = judge(model, unseen);
  expect(areaUnderRoc(judged)).toBeGreaterThan(0.98);
  const [half] = rocPoints(judged, [0.5]);
  expect(half.kept).toBeGreaterThan(0.95);
  expect(half.bogus).toBeLessThan(0.2);
  expect(fitCalibrated(scenesOf(1), ['x', 'y'], 'test', 0.98)).toEqual(model);
  for (const { features } of unseen.slice(0, 20)) expect(reliability(model, features)).toBeLessThanOrEqual(1);
});

it('measures the area under a ROC as the part of pairs in order', () => {
  const order = [false, true, false, true, true].map((real, k) => ({
    sample: { features: new Float64Array(), real, isPoint: real, snr: 7, kind: '' },
    value: k / 10,
  }));
  expect(areaUnderRoc(order)).toBeCloseTo(5 / 6, 12);
});
