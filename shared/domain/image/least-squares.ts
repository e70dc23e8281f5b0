import { invertSymmetric, solveSymmetric } from './linear-algebra.ts';

export interface NonlinearFit {
  readonly parameters: Float64Array;
  readonly chi2: number;
  /** Row-major covariance of the parameters at the minimum. */
  readonly covariance: Float64Array;
}

/**
 * Returns chi² at the parameters and fills the normal matrix J^T W J (row-major, symmetric) and the gradient
 * J^T W (data - model) there; both come filled with what they last held.
 */
export type NormalEquations = (
  parameters: Float64Array,
  normal: Float64Array,
  gradient: Float64Array,
) => number;

/** A gain in chi² below it ends the search: a parameter that is 0.1 of its error off costs as much. */
const SETTLED = 0.01;

/**
 * Weighted least squares by Levenberg and Marquardt.
 *
 * @returns undefined when the normal equations are singular or the model is not finite
 */
export function minimise(
  equations: NormalEquations,
  start: ArrayLike<number>,
  rounds = 20,
): NonlinearFit | undefined {
  const count = start.length;
  const blank = () => ({ normal: new Float64Array(count * count), gradient: new Float64Array(count) });
  let [here, there] = [blank(), blank()];
  let parameters = Float64Array.from(start);
  let chi2 = equations(parameters, here.normal, here.gradient);
  let damping = 1e-3;
  for (let round = 0; round < rounds; round++) {
    let gain: number | undefined;
    for (let trial = 0; trial < 8 && gain === undefined; trial++) {
      const damped = Float64Array.from(here.normal);
      for (let k = 0; k < count; k++) damped[k * count + k] *= 1 + damping;
      const step = solveSymmetric(damped, here.gradient, 0);
      if (step === undefined) return undefined;
      const next = parameters.map((value, k) => value + step[k]);
      const nextChi2 = equations(next, there.normal, there.gradient);
      if (nextChi2 <= chi2) {
        gain = chi2 - nextChi2;
        [parameters, chi2, here, there] = [next, nextChi2, there, here];
        damping = Math.max(1e-7, damping / 5);
      } else damping *= 5;
    }
    if (gain === undefined || gain < SETTLED) break;
  }
  const covariance = invertSymmetric(here.normal, count);
  if (covariance === undefined || !Number.isFinite(chi2)) return undefined;
  return { parameters, chi2, covariance };
}

/**
 * The same with numerical derivatives, taken to both sides: a one-sided one led dipoles and their mirror images apart.
 *
 * @param model writes the model of `parameters` into the array it is given (one value a datum)
 * @param weights inverse variances; 0 leaves a datum out
 * @param steps size of the step for each parameter's derivative
 */
export function fitNonlinear(
  model: (parameters: Float64Array, values: Float64Array) => void,
  data: Float64Array,
  weights: Float64Array,
  start: readonly number[],
  steps: readonly number[],
  rounds = 20,
): NonlinearFit | undefined {
  const values = new Float64Array(data.length);
  const back = new Float64Array(data.length);
  const columns = steps.map(() => new Float64Array(data.length));
  return minimise(
    (parameters, normal, gradient) => {
      model(parameters, values);
      for (const [k, column] of columns.entries()) {
        const moved = Float64Array.from(parameters);
        moved[k] += steps[k];
        model(moved, column);
        moved[k] -= 2 * steps[k];
        model(moved, back);
        for (let i = 0; i < column.length; i++) column[i] = (column[i] - back[i]) / (2 * steps[k]);
      }
      return accumulate(columns, values, data, weights, normal, gradient);
    },
    start,
    rounds,
  );
}

function accumulate(
  columns: readonly Float64Array[],
  values: Float64Array,
  data: Float64Array,
  weights: Float64Array,
  normal: Float64Array,
  gradient: Float64Array,
): number {
  const count = columns.length;
  for (let k = 0; k < count; k++) {
    const column = columns[k];
    for (let l = 0; l <= k; l++) {
      const other = columns[l];
      let sum = 0;
      for (let i = 0; i < data.length; i++) sum += weights[i] * column[i] * other[i];
      normal[k * count + l] = sum;
      normal[l * count + k] = sum;
    }
    let slope = 0;
    for (let i = 0; i < data.length; i++) slope += weights[i] * column[i] * (data[i] - values[i]);
    gradient[k] = slope;
  }
  let chi2 = 0;
  for (let i = 0; i < data.length; i++) chi2 += weights[i] * (data[i] - values[i]) ** 2;
  return chi2;
}
