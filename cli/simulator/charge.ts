import type { Detector } from '#shared/domain/ids/instruments.ts';
import type { Canvas } from './paint.ts';
import type { Random } from './random.ts';
import type { Amplifier } from './sensor.ts';
import type { BadColumn } from './sensor-response.ts';

/** Cosmic rays in 30 s on a square centimetre of silicon (10 um pixels: a million). */
const RAYS_A_MEGAPIXEL = 3;

/** Replaces expected electrons by counted ones: Poisson, the normal approximation above 50. */
export function countPhotons(draw: Random, { pixels }: Canvas) {
  for (let at = 0; at < pixels.length; at++) {
    const mean = pixels[at];
    pixels[at] = mean > 50 ? mean + Math.sqrt(mean) * draw.normal() : draw.poisson(mean);
  }
}

/** Tracks of 1 to 25 pixels with no light around them, 300 to 3,000 electrons a pixel. */
export function addCosmicRays(draw: Random, { width, height, pixels }: Canvas) {
  const rays = draw.poisson((RAYS_A_MEGAPIXEL * width * height) / 1e6);
  for (let ray = 0; ray < rays; ray++) {
    let [x, y] = [draw.between(0, width), draw.between(0, height)];
    const angle = draw.between(0, 2 * Math.PI);
    const length = Math.ceil(25 ** draw.uniform());
    for (let step = 0; step < length; step++) {
      const [column, row] = [Math.floor(x), Math.floor(y)];
      if (column < 0 || column >= width || row < 0 || row >= height) break;
      pixels[row * width + column] += 300 * 10 ** draw.uniform();
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
  }
}

/** Hot columns give an unsteady 20,000 electrons a pixel. */
export function fillHotColumns(draw: Random, { width, pixels }: Canvas, columns: readonly BadColumn[]) {
  for (const { x, firstY, lastY, kind } of columns) {
    if (kind !== 'hot') continue;
    for (let y = firstY; y <= lastY; y++) pixels[y * width + x] += 20_000 * (0.7 + 0.6 * draw.uniform());
  }
}

/** Caps each pixel at its amplifier's full well; the rest flows along the column, within its half, to both sides. */
export function bleed({ width, pixels }: Canvas, detector: Detector, amplifiers: readonly Amplifier[]) {
  for (const amplifier of amplifiers) {
    const bottom = amplifier.stepY > 0 ? 0 : detector.height - amplifier.height;
    const left = Math.min(amplifier.firstX, amplifier.firstX + amplifier.stepX * (amplifier.width - 1));
    for (let x = left; x < left + amplifier.width; x++) {
      bleedColumn(pixels, width, x, bottom, bottom + amplifier.height - 1, amplifier.fullWell);
    }
  }
}

function bleedColumn(
  pixels: Float32Array,
  stride: number,
  x: number,
  bottom: number,
  top: number,
  well: number,
) {
  for (let y = bottom; y <= top; y++) {
    const first = y;
    let excess = 0;
    for (; y <= top && pixels[y * stride + x] > well; y++) {
      excess += pixels[y * stride + x] - well;
      pixels[y * stride + x] = well;
    }
    if (excess === 0) continue;
    const column = { pixels, stride, x, well };
    const left = pour(column, first - 1, -1, bottom, excess / 2);
    pour(column, y, 1, top, excess / 2 + left);
  }
}

/** Fills the room of one pixel after the other up to `end`; answers the charge that found none. */
function pour(
  column: { pixels: Float32Array; stride: number; x: number; well: number },
  start: number,
  step: 1 | -1,
  end: number,
  charge: number,
): number {
  let left = charge;
  for (let y = start; left > 0 && y * step <= end * step; y += step) {
    const at = y * column.stride + column.x;
    const taken = Math.min(left, Math.max(0, column.well - column.pixels[at]));
    column.pixels[at] += taken;
    left -= taken;
  }
  return left;
}
