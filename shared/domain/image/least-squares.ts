import { invertSymmetric, solveSymmetric } from './linear-algebra.ts';

export interface NonlinearFit {
  readonly parameters: Float64Array;
  readonly chi2: number;
  /** Row-major covariance of the parameters at the minimum. */
  readonly covariance: Float64Array;
}

/**
 * Weighted least squares by Levenberg and Marquardt with numerical derivatives.
 *
 * @param model writes the model of `parameters` into the array it is given (one value a datum)
 * @param weights inverse variances; 0 leaves a datum out
 * @param steps size of the step for each parameter's derivative
 * @returns undefined when the normal equations are singular or the model is not finite
 */
export function fitNonlinear(
  model: (parameters: Float64Array, values: Float64Array) => void,
  data: Float64Array,
  weights: Float64Array,
  start: readonly number[],
  steps: readonly number[],
  rounds = 20,
): NonlinearFit | undefined {
  const count = start.length;
  let parameters = Float64Array.from(start);
  let values = new Float64Array(data.length);
  model(parameters, values);
  let chi2 = chiSquare(values, data, weights);
  let damping = 1e-3;
  let normal = new Float64Array(count * count);
  for (let round = 0; round < rounds; round++) {
    const equations = linearise(model, parameters, values, data, weights, steps);
    normal = equations.normal;
    let accepted = false;
    for (let trial = 0; trial < 8 && !accepted; trial++) {
      const damped = Float64Array.from(normal);
      for (let k = 0; k < count; k++) damped[k * count + k] *= 1 + damping;
      const step = solveSymmetric(damped, equations.gradient, 0);
      if (step === undefined) return undefined;
      const next = parameters.map((value, k) => value + step[k]);
      const nextValues = new Float64Array(data.length);
      model(next, nextValues);
      const nextChi2 = chiSquare(nextValues, data, weights);
      if (nextChi2 <= chi2) {
        accepted = true;
        const gain = chi2 - nextChi2;
        [parameters, values, chi2] = [next, nextValues, nextChi2];
        damping = Math.max(1e-7, damping / 5);
        if (gain < 1e-3) round = rounds;
      } else damping *= 5;
    }
    if (!accepted) break;
  }
  const covariance = invertSymmetric(normal, count);
  if (covariance === undefined || !Number.isFinite(chi2)) return undefined;
  return { parameters, chi2, covariance };
}

function linearise(
  model: (parameters: Float64Array, values: Float64Array) => void,
  parameters: Float64Array,
  values: Float64Array,
  data: Float64Array,
  weights: Float64Array,
  steps: readonly number[],
): { normal: Float64Array<ArrayBuffer>; gradient: Float64Array } {
  const count = parameters.length;
  const columns = steps.map((step, k) => {
    const moved = Float64Array.from(parameters);
    moved[k] += step;
    const column = new Float64Array(data.length);
    model(moved, column);
    for (let i = 0; i < column.length; i++) column[i] = (column[i] - values[i]) / step;
    return column;
  });
  const normal = new Float64Array(count * count);
  const gradient = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    for (let l = 0; l <= k; l++) {
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += weights[i] * columns[k][i] * columns[l][i];
      normal[k * count + l] = sum;
      normal[l * count + k] = sum;
    }
    for (let i = 0; i < data.length; i++) gradient[k] += weights[i] * columns[k][i] * (data[i] - values[i]);
  }
  return { normal, gradient };
}

function chiSquare(values: Float64Array, data: Float64Array, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += weights[i] * (data[i] - values[i]) ** 2;
  return sum;
}
