import type { Position, Star } from './contents.ts';
import { radiusAt } from './moffat-stamp.ts';
import { sciencePsf } from './recipe.ts';
import type { Scene } from './scene.ts';

export interface SnrMapScore {
  /** Gaussian sigma from the interquartile range. */
  readonly sigma: number;
  /** Part of the pixels beyond 3 in either direction; a Gaussian of sigma 1 has 0.0027. */
  readonly beyond3: number;
  readonly pixels: number;
}

/** Electrons a pixel, a tenth of the sky's sigma, at which a star's light ends. */
const FAINT = 3;
/** Radius of the response to a source that is detected, pixels. */
const RESPONSE = 15;

/** Noise of a signal-to-noise map where nothing is: off everything in the scene and where `isUsable`. */
export function scoreSnrMap(scene: Scene, snr: Float32Array, isUsable: (at: number) => boolean): SnrMapScore {
  const busy = busyPixels(scene);
  const values = new Float32Array(snr.length);
  let [pixels, beyond] = [0, 0];
  for (let at = 0; at < snr.length; at++) {
    if (busy[at] === 1 || !isUsable(at)) continue;
    values[pixels++] = snr[at];
    if (Math.abs(snr[at]) > 3) beyond++;
  }
  const sorted = values.subarray(0, pixels).sort();
  const quartile = (part: number): number => sorted[Math.floor(part * (pixels - 1))];
  return { sigma: (quartile(0.75) - quartile(0.25)) * 0.7413, beyond3: beyond / pixels, pixels };
}

function busyPixels({ recipe, truth }: Scene): Uint8Array {
  const { width, height } = recipe;
  const busy = new Uint8Array(width * height);
  const disc = ({ x, y }: Position, radius: number): void => {
    for (let j = Math.max(0, Math.ceil(y - radius)); j <= Math.min(height - 1, y + radius); j++) {
      const half = Math.sqrt(radius * radius - (j - y) ** 2);
      const from = Math.max(0, Math.ceil(x - half));
      const to = Math.min(width - 1, Math.floor(x + half));
      if (from <= to) busy.fill(1, j * width + from, j * width + to + 1);
    }
  };
  const light = (star: Star): number => radiusAt(sciencePsf(recipe, star.x, star.y), star.flux, FAINT) + 3;
  for (const star of truth.stars) disc(star, light(star));
  for (const galaxy of truth.galaxies) disc(galaxy, light(galaxy) + 2 * galaxy.radius);
  for (const point of [...truth.transients, ...truth.faders, ...truth.variables, ...truth.movers])
    disc(point, RESPONSE);
  for (const { x, y, length, angleRad } of truth.trails) {
    for (let along = -length / 2; along <= length / 2; along += 5)
      disc({ x: x + along * Math.cos(angleRad), y: y + along * Math.sin(angleRad) }, RESPONSE);
  }
  return busy;
}
