import {
  LIMIT,
  normalise,
  type ReliabilityModel,
  reliability,
} from '#shared/domain/image/reliability/model.ts';
import { median, robustSigma } from '#shared/domain/image/statistics.ts';
import { type Random, random } from '../../support/scene.ts';
import type { Sample } from './samples.ts';

const UNITS = 16;
const EPOCHS = 120;
const BATCH = 64;
const RATE = 3e-3;
/** Penalty on squared weights: with a tenth of it 1 % fewer real sources of unseen scenes are kept at 0.5. */
const DECAY = 1e-3;

/**
 * Fits the perceptron by cross entropy with Adam (Kingma & Ba 2015). In each SNR range real and bogus weigh the same,
 * so that brightness alone says nothing. The same samples in the same order and seed give the same model.
 */
function fitModel(
  samples: readonly Sample[],
  features: readonly string[],
  version: string,
  seed: number,
): ReliabilityModel {
  const draw = random(seed);
  const { centre, spread } = scales(samples, features.length);
  const inputs = samples.map((sample) => normalise({ centre, spread }, sample.features));
  const weights = balance(samples);
  const parameters = startingWeights(features.length, draw);
  const step = adam(parameters);
  const order = samples.map((_, k) => k);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, draw);
    const rate = RATE * (1 - epoch / EPOCHS);
    for (let from = 0; from < order.length; from += BATCH) {
      const gradient = new Float64Array(parameters.length);
      for (const k of order.slice(from, from + BATCH))
        addGradient(gradient, parameters, inputs[k], samples[k].real, weights[k] / BATCH);
      step(gradient, rate);
    }
  }
  return { version, features, centre, spread, ...unpack(parameters, features.length) };
}

/** Folds of scenes: a real source's reliability is told by a model that has not seen its scene. */
const FOLDS = 3;

/**
 * A model of all scenes, its scale moved so that `part` of the real sources of SNR 6 and more have a reliability of at
 * least 0.5 in scenes that were not trained on; the order of sources stays as it is.
 */
export function fitCalibrated(
  scenes: readonly (readonly Sample[])[],
  features: readonly string[],
  version: string,
  part: number,
): ReliabilityModel {
  const logits = Array.from({ length: FOLDS }, (_, fold) => {
    const isOut = (k: number): boolean => k % FOLDS === fold;
    const model = fitModel(scenes.filter((_, k) => !isOut(k)).flat(), features, version, 1);
    return scenes
      .filter((_, k) => isOut(k))
      .flat()
      .filter(({ real, snr }) => real && snr >= 6)
      .map((sample) => logit(reliability(model, sample.features)));
  })
    .flat()
    .sort((a, b) => a - b);
  const cut = logits[Math.floor((1 - part) * logits.length)];
  const model = fitModel(scenes.flat(), features, version, 1);
  return { ...model, output: model.output.with(-1, model.output[model.output.length - 1] - cut) };
}

const logit = (p: number): number => Math.log(Math.max(p, 1e-12) / Math.max(1 - p, 1e-12));

/** Median and robust sigma of each feature; where that is nothing (most are 0), the standard deviation. */
function scales(samples: readonly Sample[], count: number): { centre: number[]; spread: number[] } {
  const columns = Array.from({ length: count }, (_, k) => samples.map(({ features }) => features[k]));
  return {
    centre: columns.map((column) => rounded(median(column))),
    spread: columns.map((column) => {
      const robust = robustSigma(column);
      const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
      const standard = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
      return rounded(Math.max(robust, standard / LIMIT, 1e-3));
    }),
  };
}

/** Weights with mean 1 by which both classes count alike in each range of SNR, no sample more than tenfold. */
function balance(samples: readonly Sample[]): number[] {
  const keyOf = ({ snr }: Sample): number => Math.min(6, Math.floor(2 * Math.log2(Math.max(5, snr) / 5)));
  const counts = new Map<string, number>();
  for (const sample of samples) {
    const key = `${keyOf(sample)}/${sample.real}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const raw = samples.map((sample) => {
    const own = counts.get(`${keyOf(sample)}/${sample.real}`) ?? 0;
    const other = counts.get(`${keyOf(sample)}/${!sample.real}`) ?? 0;
    return Math.min(10, (own + other) / (2 * own));
  });
  const mean = raw.reduce((sum, value) => sum + value, 0) / raw.length;
  return raw.map((value) => value / mean);
}

/** All weights in one array: each unit's features and bias, then the output's units and bias. */
function startingWeights(features: number, draw: Random): Float64Array {
  const hidden = UNITS * (features + 1);
  return Float64Array.from({ length: hidden + UNITS + 1 }, (_, k) =>
    k < hidden ? draw.normal() / Math.sqrt(features) : draw.normal() / Math.sqrt(UNITS),
  );
}

function addGradient(
  gradient: Float64Array,
  parameters: Float64Array,
  input: Float64Array,
  real: boolean,
  weight: number,
): void {
  const n = input.length;
  const output = UNITS * (n + 1);
  const active = new Float64Array(UNITS);
  let logit = parameters[output + UNITS];
  for (let u = 0; u < UNITS; u++) {
    const at = u * (n + 1);
    let sum = parameters[at + n];
    for (let i = 0; i < n; i++) sum += parameters[at + i] * input[i];
    active[u] = Math.tanh(sum);
    logit += parameters[output + u] * active[u];
  }
  const error = weight * (1 / (1 + Math.exp(-logit)) - Number(real));
  gradient[output + UNITS] += error;
  for (let u = 0; u < UNITS; u++) {
    const at = u * (n + 1);
    gradient[output + u] += error * active[u];
    const back = error * parameters[output + u] * (1 - active[u] * active[u]);
    gradient[at + n] += back;
    for (let i = 0; i < n; i++) gradient[at + i] += back * input[i];
  }
}

/** A step of Adam with decay of the weights; it changes the parameters in place. */
function adam(parameters: Float64Array): (gradient: Float64Array, rate: number) => void {
  const mean = new Float64Array(parameters.length);
  const square = new Float64Array(parameters.length);
  let steps = 0;
  return (gradient, rate) => {
    steps++;
    const [a, b] = [1 - 0.9 ** steps, 1 - 0.999 ** steps];
    for (let k = 0; k < parameters.length; k++) {
      const slope = gradient[k] + DECAY * parameters[k];
      mean[k] = 0.9 * mean[k] + 0.1 * slope;
      square[k] = 0.999 * square[k] + 0.001 * slope * slope;
      parameters[k] -= (rate * mean[k]) / a / (Math.sqrt(square[k] / b) + 1e-8);
    }
  };
}

function unpack(parameters: Float64Array, n: number): Pick<ReliabilityModel, 'hidden' | 'output'> {
  const numbers = Array.from(parameters, rounded);
  const hidden = Array.from({ length: UNITS }, (_, u) => numbers.slice(u * (n + 1), (u + 1) * (n + 1)));
  return { hidden, output: numbers.slice(UNITS * (n + 1)) };
}

/** Five digits are enough, and keep the file readable. */
const rounded = (value: number): number => Number(value.toPrecision(5));

/** Fisher and Yates. */
function shuffle(values: number[], draw: Random): void {
  for (let k = values.length - 1; k > 0; k--) {
    const other = Math.floor(draw.uniform() * (k + 1));
    [values[k], values[other]] = [values[other], values[k]];
  }
}
