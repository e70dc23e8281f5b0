import { expect, it } from 'vitest';
import { reliableSources } from '#shared/domain/image/reliability/cut.ts';
import { featureNames } from '#shared/domain/image/reliability/features.ts';
import { normalise, type ReliabilityModel, reliability } from '#shared/domain/image/reliability/model.ts';
import weights from '#shared/domain/image/reliability/weights.json' with { type: 'json' };

const model: ReliabilityModel = {
  version: 'test',
  features: ['a', 'b'],
  centre: [1, 0],
  spread: [2, 0.5],
  hidden: [
    [0.5, -1, 0.25],
    [0, 2, 0],
  ],
  output: [3, -1, 0.5],
};

it('is the perceptron that its weights say', () => {
  const [a, b] = [(2 - 1) / 2, 0.25 / 0.5];
  const logit = 3 * Math.tanh(0.5 * a - b + 0.25) - Math.tanh(2 * b) + 0.5;
  expect(reliability(model, Float64Array.of(2, 0.25))).toBeCloseTo(1 / (1 + Math.exp(-logit)), 12);
});

it('learns nothing more from a feature beyond all that training saw', () => {
  expect([...normalise(model, Float64Array.of(1e9, -1e9))]).toEqual([4, -4]);
  expect(reliability(model, Float64Array.of(1e9, 0))).toBe(reliability(model, Float64Array.of(9, 0)));
});

it('has weights in the repository that fit the features and the column of the database', () => {
  expect(weights.features).toEqual(featureNames);
  expect(weights.version).toMatch(/^[\w.-]{1,7}$/);
  for (const row of [weights.centre, weights.spread, ...weights.hidden.map((unit) => unit.slice(1))])
    expect(row).toHaveLength(featureNames.length);
  expect(weights.output).toHaveLength(weights.hidden.length + 1);
  expect(weights.spread.every((value) => value > 0)).toBe(true);
});

it('cuts at a reliability, and lets pass what no model judged', () => {
  const sources = [0.49, 0.5, null, 0.9, 0].map((reliability) => ({ reliability }));
  expect(reliableSources(sources, 0.5).map((source) => source.reliability)).toEqual([0.5, null, 0.9]);
});
