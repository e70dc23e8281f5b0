/** A perceptron with one hidden layer: what train.ts makes and weights.json holds. All arrays have one entry a feature or unit. */
export interface ReliabilityModel {
  /** At most seven characters: the APDB's column holds no more. */
  readonly version: string;
  readonly features: readonly string[];
  /** A feature enters as (value - centre) / spread, held within +-LIMIT. */
  readonly centre: readonly number[];
  readonly spread: readonly number[];
  /** Rows of units: weights of the features, then the bias. */
  readonly hidden: readonly (readonly number[])[];
  /** Weight of each hidden unit, then the bias. */
  readonly output: readonly number[];
}

/** A feature further out than any in training says no more than one at the rim. */
export const LIMIT = 4;

/** Normalised features, each within +-LIMIT. */
export function normalise(
  { centre, spread }: Pick<ReliabilityModel, 'centre' | 'spread'>,
  features: Float64Array,
): Float64Array {
  return features.map((value, k) => Math.min(LIMIT, Math.max(-LIMIT, (value - centre[k]) / spread[k])));
}

/** Probability of being real, 0 to 1, of the features of one source. */
export function reliability(model: ReliabilityModel, features: Float64Array): number {
  const input = normalise(model, features);
  const { hidden, output } = model;
  let logit = output[hidden.length];
  hidden.forEach((unit, k) => {
    let sum = unit[input.length];
    for (let i = 0; i < input.length; i++) sum += unit[i] * input[i];
    logit += output[k] * Math.tanh(sum);
  });
  return 1 / (1 + Math.exp(-logit));
}
