import type { Detector, Instrument } from '#shared/domain/ids/instruments.ts';
import { randomStream } from './random.ts';
import type { Amplifier } from './sensor.ts';

/** Columns that do not work: 0-based detector column and the rows of its half. */
export interface BadColumn {
  readonly x: number;
  readonly firstY: number;
  readonly lastY: number;
  /** Hot columns fill with charge; dead ones give none. */
  readonly kind: 'hot' | 'dead';
}

/** One or two bad columns a million pixels; each ends where the read-out of the other half begins. */
export function badColumns(seed: number, detector: Detector): BadColumn[] {
  const draw = randomStream(seed, 'bad columns', detector.name);
  const count = 1 + draw.poisson(detector.width / 1000);
  return Array.from({ length: count }, () => {
    const upper = draw.uniform() < 0.5;
    const half = detector.height / 2;
    const depth = Math.floor(draw.between(0.3, 1) * half);
    return {
      x: 1 + draw.index(detector.width - 2),
      firstY: upper ? detector.height - depth : 0,
      lastY: upper ? detector.height - 1 : depth - 1,
      kind: draw.uniform() < 0.4 ? 'hot' : 'dead',
    };
  });
}

/**
 * Relative response of each pixel, about 1: vignetting away from the axis, rings of dust, the pixels' own
 * scatter. Dead and hot columns respond with 0. Filters differ in their dust.
 */
export function responseOf(
  seed: number,
  instrument: Instrument,
  detector: Detector,
  filter: string,
): Float32Array {
  const { width, height } = detector;
  const response = new Float32Array(width * height);
  const draw = randomStream(seed, 'pixel response', detector.name);
  const radius = focalRadiusMm(instrument);
  for (let y = 0; y < height; y++) {
    const mmY = detector.offsetYmm + (y - detector.refY) * detector.pixelMm;
    for (let x = 0; x < width; x++) {
      const mmX = detector.offsetXmm + (x - detector.refX) * detector.pixelMm;
      const fraction = (mmX * mmX + mmY * mmY) / (radius * radius);
      response[y * width + x] = (1 - 0.06 * fraction * fraction) * (1 + 0.004 * (draw.uniform() - 0.5));
    }
  }
  addDust(response, detector, randomStream(seed, 'dust', detector.name, filter));
  for (const { x, firstY, lastY } of badColumns(seed, detector)) {
    for (let y = firstY; y <= lastY; y++) response[y * width + x] = 0;
  }
  return response;
}

/** Grains out of focus: rings of 15 to 40 pixels that take 1 to 4 % of the light. */
function addDust(response: Float32Array, { width, height }: Detector, draw: ReturnType<typeof randomStream>) {
  const grains = draw.poisson((width * height) / 250_000);
  for (let grain = 0; grain < grains; grain++) {
    const [centreX, centreY] = [draw.between(0, width), draw.between(0, height)];
    const outer = draw.between(15, 40);
    const inner = outer * draw.between(0.3, 0.5);
    const loss = draw.between(0.01, 0.04);
    for (let y = Math.max(0, Math.ceil(centreY - outer)); y < Math.min(height, centreY + outer); y++) {
      for (let x = Math.max(0, Math.ceil(centreX - outer)); x < Math.min(width, centreX + outer); x++) {
        const distance = Math.hypot(x - centreX, y - centreY);
        const edge = clamp((outer - distance) / 3) * clamp((distance - inner) / 3);
        response[y * width + x] *= 1 - loss * edge;
      }
    }
  }
}

/**
 * Fixed pattern that every read-out has over its overscan level, ADU: a slope along the rows, a glow near the
 * read-out and a pattern of columns. By position in the amplifier's data, row-major.
 */
export function biasPattern(seed: number, detector: Detector, amplifier: Amplifier): Float32Array {
  const draw = randomStream(seed, 'bias pattern', detector.name, amplifier.channel);
  const { width, height } = amplifier;
  const columns = Float32Array.from({ length: width }, () => 0.6 * draw.normal());
  const slope = draw.between(-3, 3);
  const glow = draw.between(4, 12);
  const pattern = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const level = slope * (row / height - 0.5) + glow * Math.exp(-row / 12);
    for (let column = 0; column < width; column++) pattern[row * width + column] = level + columns[column];
  }
  return pattern;
}

function focalRadiusMm(instrument: Instrument): number {
  return Math.max(...instrument.detectors.map((each) => Math.hypot(each.offsetXmm, each.offsetYmm))) + 5;
}

function clamp(value: number): number {
  return Math.max(0, Math.min(1, value));
}
