import { moffatAlpha } from './passbands.ts';

/** Electrons, row-major. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

/** An elliptical Moffat profile; its value at a pixel's centre is what the pixel gets of a unit of flux. */
export interface Profile {
  readonly fwhmPixels: number;
  /** 3 or 3.5: the powers that the inner loop has without a call of pow. */
  readonly beta: 3 | 3.5;
  readonly e1: number;
  readonly e2: number;
}

/**
 * Adds a point of `flux`, which may be negative, at (x, y), the centre of the first pixel being (0, 0).
 * The profile is cut off where it adds less than `floor`.
 */
export function paintPoint(
  canvas: Canvas,
  x: number,
  y: number,
  flux: number,
  profile: Profile,
  floor: number,
) {
  const { beta, e1, e2 } = profile;
  const alpha = moffatAlpha(profile.fwhmPixels, beta);
  const peak = ((beta - 1) / (Math.PI * alpha * alpha)) * flux;
  if (Math.abs(peak) <= floor) return;
  const radius = alpha * Math.sqrt(Math.abs(peak / floor) ** (1 / beta) - 1) * 1.05;
  const left = Math.max(0, Math.ceil(x - radius));
  const right = Math.min(canvas.width - 1, Math.floor(x + radius));
  const bottom = Math.max(0, Math.ceil(y - radius));
  const top = Math.min(canvas.height - 1, Math.floor(y + radius));
  const scale = 1 / ((1 - e1 * e1 - e2 * e2) * alpha * alpha);
  const { pixels, width } = canvas;
  for (let row = bottom; row <= top; row++) {
    const dy = row - y;
    const base = row * width;
    for (let column = left; column <= right; column++) {
      const dx = column - x;
      const along = (1 - e1) * dx - e2 * dy;
      const across = (1 + e1) * dy - e2 * dx;
      const inverse = 1 / (1 + (along * along + across * across) * scale);
      const cube = inverse * inverse * inverse;
      pixels[base + column] += peak * (beta === 3 ? cube : cube * Math.sqrt(inverse));
    }
  }
}

/** Adds a line of even brightness: points half a pixel apart from one end to the other. */
export function paintLine(
  canvas: Canvas,
  from: { x: number; y: number },
  to: { x: number; y: number },
  flux: number,
  profile: Profile,
  floor: number,
) {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.x - from.x, to.y - from.y)));
  for (let step = 0; step < steps; step++) {
    const along = (step + 0.5) / steps;
    const x = from.x + (to.x - from.x) * along;
    const y = from.y + (to.y - from.y) * along;
    paintPoint(canvas, x, y, flux / steps, profile, floor);
  }
}
