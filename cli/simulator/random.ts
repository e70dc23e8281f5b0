import { hash } from 'node:crypto';

/** Draws of one stream. The same labels give the same draws on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  uniform(): number;
  /** Uniform between two bounds. */
  between(low: number, high: number): number;
  /** Standard normal. */
  normal(): number;
  /** Number of events where `mean` are expected; above 50 by the normal approximation. */
  poisson(mean: number): number;
  /** Integer from 0 to `count` - 1. */
  index(count: number): number;
}

/**
 * A stream of its own for everything that is drawn (a cell of the sky, one detector of one visit): what is
 * drawn for one thing never depends on what else was drawn, so a visit can be rendered again alone.
 * Generator: sfc32 (PractRand), state from SHA-256 of the labels; normals by Marsaglia's polar method.
 */
export function randomStream(...labels: readonly (string | number | bigint)[]): Random {
  const state = new Int32Array(new Uint8Array(hash('sha256', labels.join('/'), 'buffer')).buffer, 0, 4);
  let [a, b, c, counter] = state;
  let spare = Number.NaN;

  function uniform(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) * 2 ** -32;
  }

  function normal(): number {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const radius = x * x + y * y;
      if (radius >= 1 || radius === 0) continue;
      const scale = Math.sqrt((-2 * Math.log(radius)) / radius);
      spare = y * scale;
      return x * scale;
    }
  }

  function poisson(mean: number): number {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let events = -1;
    for (let product = 1; product > limit; events++) product *= uniform();
    return Math.max(0, events);
  }

  return {
    uniform,
    normal,
    poisson,
    between: (low, high) => low + (high - low) * uniform(),
    index: (count) => Math.floor(uniform() * count),
  };
}
