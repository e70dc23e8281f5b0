import { type MaskedImage, UNUSABLE } from './masked-image.ts';

/** A straight piece of sky: its middle, its length along the angle from +x to +y. Pixels. */
export interface Line {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly angleRad: number;
}

/** The usable pixels near a line, as a list: a box around a long one would hold mostly others. */
export interface Band {
  readonly count: number;
  readonly xs: Float32Array;
  readonly ys: Float32Array;
  readonly data: Float64Array;
  /** Inverse variances. */
  readonly weights: Float64Array;
}

/** Pixels at most `reach` from the line, square at its ends. */
export function bandAround(image: MaskedImage, line: Line, reach: number): Band {
  const at = bandPixels(image, line, reach);
  const band = {
    count: at.length,
    xs: new Float32Array(at.length),
    ys: new Float32Array(at.length),
    data: new Float64Array(at.length),
    weights: new Float64Array(at.length),
  };
  for (let k = 0; k < at.length; k++) {
    const x = at[k] % image.width;
    band.xs[k] = x;
    band.ys[k] = (at[k] - x) / image.width;
    band.data[k] = image.image[at[k]];
    band.weights[k] = 1 / image.variance[at[k]];
  }
  return band;
}

function bandPixels({ width, height, mask, variance }: MaskedImage, line: Line, reach: number): number[] {
  const cos = Math.cos(line.angleRad);
  const sin = Math.sin(line.angleRad);
  const along = line.length / 2 + reach;
  const extentY = Math.abs(sin) * along + Math.abs(cos) * reach;
  const found: number[] = [];
  const last = Math.min(height - 1, Math.floor(line.y + extentY));
  for (let y = Math.max(0, Math.ceil(line.y - extentY)); y <= last; y++) {
    // |dx cos + dy sin| <= along and |dx sin - dy cos| <= reach
    const dy = y - line.y;
    const [a0, a1] = interval(cos, dy * sin, along);
    const [b0, b1] = interval(sin, -dy * cos, reach);
    const first = Math.max(0, Math.ceil(line.x + Math.max(a0, b0)));
    const end = Math.min(width - 1, Math.floor(line.x + Math.min(a1, b1)));
    for (let at = y * width + first; at <= y * width + end; at++) {
      if ((mask[at] & UNUSABLE) === 0 && variance[at] > 0) found.push(at);
    }
  }
  return found;
}

/** Where |slope t + offset| <= limit. */
function interval(slope: number, offset: number, limit: number): [number, number] {
  if (Math.abs(slope) < 1e-9) return Math.abs(offset) <= limit ? [-1e9, 1e9] : [1, 0];
  const [a, b] = [(-limit - offset) / slope, (limit - offset) / slope];
  return [Math.min(a, b), Math.max(a, b)];
}
