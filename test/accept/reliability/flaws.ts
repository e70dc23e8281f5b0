import { smoothGaussian } from '#shared/domain/image/smooth.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import type { Plane } from '../../support/imaging/moffat-stamp.ts';
import { lanczosAt } from '../../support/lanczos.ts';
import type { Random } from '../../support/scene.ts';

/** A plane in electrons with sky. */
type Plate = Pick<Plane, 'width' | 'height' | 'pixels'>;

/** What real images suffer from and the recipe's scenes do not. Each changes science image or template in place. */
export const flaws: Readonly<Record<string, (science: Plate, template: Plate, draw: Random) => void>> = {
  none: () => {},
  'cosmic rays'(science, template, draw) {
    hitByCosmicRays(science, 500, 2500, draw);
    hitByCosmicRays(template, 60, 800, draw);
  },
  registration(_science, template, draw) {
    // Offsets that change over less than the kernel's order can follow.
    const amplitude = 0.1 + 0.4 * draw.uniform();
    const [inX, inY] = [ripple(draw, 100 + 200 * draw.uniform()), ripple(draw, 100 + 200 * draw.uniform())];
    const { width, height } = template;
    const own = Float32Array.from(template.pixels);
    change(template, (value, x, y) => {
      const moved = lanczosAt(own, width, height, x + amplitude * inX(x, y), y + amplitude * inY(x, y));
      return Number.isNaN(moved) ? value : moved;
    });
  },
  'wrong PSF'(science, _template, draw) {
    // Here and there the seeing is worse than any polynomial over the detector says.
    const blurred = smoothed(science.pixels, science.width, science.height, 0.6 + 0.6 * draw.uniform());
    const wave = ripple(draw, 80 + 120 * draw.uniform());
    change(science, (value, x, y, at) => value + Math.max(0, wave(x, y)) * (blurred[at] - value));
  },
  'bad columns'({ width, height, pixels }, _template, draw) {
    for (let k = 0; k < 15; k++) {
      const x = Math.floor(draw.uniform() * width);
      const level = (draw.uniform() < 0.5 ? -1 : 1) * 40 * 5 ** draw.uniform();
      const from = Math.floor(draw.uniform() * height);
      const to = Math.min(height, from + 5 + Math.floor(draw.uniform() * 200));
      for (let y = from; y < to; y++) pixels[y * width + x] += level;
    }
  },
  'bleeding stars'({ width, pixels }, _template, draw) {
    // Full at a third of the level that the header declares, and what is over runs along the column.
    const full = 20_000 + 15_000 * draw.uniform();
    for (let i = 0; i < pixels.length; i++) {
      const over = pixels[i] - full;
      if (over <= 0) continue;
      pixels[i] = full;
      for (const step of [-width, width]) {
        const at = i + step * (1 + Math.floor(6 * draw.uniform()));
        if (at >= 0 && at < pixels.length) pixels[at] = Math.min(full, pixels[at] + over / 4);
      }
    }
  },
  'wrong flat'(science, _template, draw) {
    // By up to a percent over a hundred pixels, which is sky too.
    const wave = ripple(draw, 60 + 100 * draw.uniform());
    const depth = 0.003 + 0.007 * draw.uniform();
    change(science, (value, x, y) => value * (1 + depth * wave(x, y)));
  },
};

function change(
  { width, pixels }: Plate,
  next: (value: number, x: number, y: number, at: number) => number,
): void {
  for (let at = 0; at < pixels.length; at++)
    pixels[at] = next(pixels[at], at % width, Math.floor(at / width), at);
}

/** Tracks of sharp pixels, in every other band of 64 rows blurred as by a resampling, too faint to be found as such. */
function hitByCosmicRays(
  { width, height, pixels }: Plate,
  faintest: number,
  brightest: number,
  draw: Random,
): void {
  const hits = new Float32Array(pixels.length);
  for (let k = 0; k < 80; k++) {
    let [x, y] = [draw.uniform() * width, draw.uniform() * height];
    const angle = 2 * Math.PI * draw.uniform();
    const level = faintest * (brightest / faintest) ** draw.uniform();
    const length = Math.ceil(8 ** draw.uniform());
    for (let step = 0; step < length; step++) {
      const [i, j] = [Math.floor(x), Math.floor(y)];
      if (i < 0 || j < 0 || i >= width || j >= height) break;
      hits[j * width + i] += level;
      x += Math.cos(angle);
      y += Math.sin(angle);
    }
  }
  const blurred = smoothed(hits, width, height, 0.7);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] += Math.floor(i / (width * 64)) % 2 === 0 ? hits[i] : blurred[i];
}

const workspace = createWorkspace();

function smoothed(pixels: Float32Array, width: number, height: number, sigma: number): Float32Array {
  workspace.clear();
  const [image, out] = [workspace.floats(pixels.length), workspace.floats(pixels.length)];
  image.set(pixels);
  smoothGaussian(workspace, image, out, width, height, sigma);
  return Float32Array.from(out);
}

/** A wave of amplitude 1 in a random direction. */
function ripple(draw: Random, length: number): (x: number, y: number) => number {
  const angle = 2 * Math.PI * draw.uniform();
  const phase = 2 * Math.PI * draw.uniform();
  const [kx, ky] = [(2 * Math.PI * Math.cos(angle)) / length, (2 * Math.PI * Math.sin(angle)) / length];
  return (x, y) => Math.sin(kx * x + ky * y + phase);
}
