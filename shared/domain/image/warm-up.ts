import { sampleMoffat } from './moffat.ts';
import { differencePair, type PairHdu } from './pair.ts';
import type { Workspace } from './workspace.ts';

const SIDE = 256;
const STAR_HALF = 20;

/**
 * Runs the chain once on a small field of stars, so that its kernels and loops are compiled before the first detector
 * comes: V8 starts with slow code and replaces it function by function.
 */
export function warmUp(workspace: Workspace): void {
  const gain = { gain: 1, readNoise: 6 };
  differencePair(workspace, field(3.5, 1), field(3, 2), { science: gain, template: gain });
}

/** 64 stars on a grid, each its own part of a pixel off, with noise from a linear congruential sequence. */
function field(fwhm: number, seed: number): PairHdu {
  const pixels = new Float32Array(SIDE * SIDE);
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  // The sum of twelve uniform numbers has the variance 1.
  for (let at = 0; at < pixels.length; at++)
    pixels[at] = 800 + 29 * (Array.from({ length: 12 }, next).reduce((sum, value) => sum + value) - 6);
  for (let k = 0; k < 64; k++) {
    const [x, y] = [16 + 32 * (k % 8), 16 + 32 * Math.floor(k / 8)];
    const star = sampleMoffat({ fwhm, beta: 3, e1: 0, e2: 0 }, STAR_HALF, (k % 5) / 5, (k % 7) / 7);
    for (let j = -STAR_HALF; j <= STAR_HALF; j++) {
      for (let i = -STAR_HALF; i <= STAR_HALF; i++) {
        if (x + i < 0 || y + j < 0 || x + i >= SIDE || y + j >= SIDE) continue;
        pixels[(y + j) * SIDE + x + i] += 5e4 * star[(j + STAR_HALF) * (2 * STAR_HALF + 1) + i + STAR_HALF];
      }
    }
  }
  return { header: [], image: { width: SIDE, height: SIDE, pixels } };
}
