import type { Detector } from '#shared/domain/ids/instruments.ts';
import type { Canvas } from './paint.ts';
import { type Random, randomStream } from './random.ts';
import type { Amplifier } from './sensor.ts';
import { biasPattern } from './sensor-response.ts';

/** One amplifier's read-out array in ADU, prescan and overscan included; row-major. */
export interface AmplifierImage {
  readonly amplifier: Amplifier;
  readonly pixels: Int32Array;
}

/** Rms of the slow wander of the overscan level from row to row, ADU. */
const ROW_DRIFT_ADU = 1.5;

/**
 * Reads a detector's charge out through its amplifiers: gain, bias level with drift, fixed pattern, read
 * noise, whole ADU. `exposureLabel` tells this read-out's noise from every other's.
 */
export function readOut(
  seed: number,
  detector: Detector,
  amplifiers: readonly Amplifier[],
  charge: Canvas,
  exposureLabel: string,
): AmplifierImage[] {
  return amplifiers.map((amplifier) => {
    const draw = randomStream(seed, 'read-out', exposureLabel, detector.name, amplifier.channel);
    const levels = rowLevels(draw, amplifier);
    const pattern = biasPattern(seed, detector, amplifier);
    return { amplifier, pixels: readAmplifier(draw, amplifier, charge, levels, pattern) };
  });
}

function readAmplifier(
  draw: Random,
  amplifier: Amplifier,
  charge: Canvas,
  levels: Float64Array,
  pattern: Float32Array,
): Int32Array {
  const { rawWidth, rawHeight, prescan, width, height, gain } = amplifier;
  const noise = amplifier.readNoise / gain;
  const pixels = new Int32Array(rawWidth * rawHeight);
  for (let row = 0; row < rawHeight; row++) {
    const chargeRow = (amplifier.firstY + amplifier.stepY * row) * charge.width + amplifier.firstX;
    for (let column = 0; column < rawWidth; column++) {
      const data = column - prescan;
      const lit = row < height && data >= 0 && data < width;
      const signal = lit
        ? charge.pixels[chargeRow + amplifier.stepX * data] / gain + pattern[row * width + data]
        : 0;
      pixels[row * rawWidth + column] = Math.round(levels[row] + signal + noise * draw.normal());
    }
  }
  return pixels;
}

/** The bias level of each row: a random walk that returns to its mean over about 100 rows. */
function rowLevels(draw: Random, { rawHeight, biasLevel }: Amplifier): Float64Array {
  const memory = 0.99;
  const kick = ROW_DRIFT_ADU * Math.sqrt(1 - memory * memory);
  let drift = ROW_DRIFT_ADU * draw.normal();
  return Float64Array.from({ length: rawHeight }, () => {
    drift = memory * drift + kick * draw.normal();
    return biasLevel + drift;
  });
}
