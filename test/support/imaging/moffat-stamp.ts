/** An elliptical Moffat, integrated over pixels by definition: it is sampled at their centres and never renormalised. */
export interface MoffatPsf {
  /** Half-integer: the power is then made of multiplications and one square root. */
  readonly beta: 3 | 3.5;
  readonly fwhm: number;
  readonly e1: number;
  readonly e2: number;
}

export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
}

/** Electrons a pixel below which a stamp ends. */
const FAINTEST = 0.02;

export function moffatAlpha({ beta, fwhm }: MoffatPsf): number {
  return fwhm / (2 * Math.sqrt(2 ** (1 / beta) - 1));
}

/** Pixels of the noise-equivalent area, 1 / sum P². */
export function noiseArea(psf: MoffatPsf): number {
  return (Math.PI * moffatAlpha(psf) ** 2 * (2 * psf.beta - 1)) / (psf.beta - 1) ** 2;
}

/** The central value of a point of unit flux. */
export function moffatPeak(psf: MoffatPsf): number {
  return (psf.beta - 1) / (Math.PI * moffatAlpha(psf) ** 2);
}

/** Radius, pixels, at which a point of this flux has fallen to `level`; 0 where it never reaches it. */
export function radiusAt(psf: MoffatPsf, flux: number, level: number): number {
  const ratio = (flux * moffatPeak(psf)) / level;
  return ratio > 1 ? moffatAlpha(psf) * Math.sqrt(ratio ** (1 / psf.beta) - 1) : 0;
}

/** Coefficients of (r / alpha)² = xx dx² + xy dx dy + yy dy². */
function ellipse(psf: MoffatPsf): { xx: number; xy: number; yy: number } {
  const { e1, e2 } = psf;
  const scale = 1 / (moffatAlpha(psf) ** 2 * (1 - e1 * e1 - e2 * e2));
  return {
    xx: ((1 - e1) ** 2 + e2 * e2) * scale,
    xy: -4 * e2 * scale,
    yy: ((1 + e1) ** 2 + e2 * e2) * scale,
  };
}

/** Value at (dx, dy) from the centre of a point of unit flux. */
export function moffatValue(psf: MoffatPsf, dx: number, dy: number): number {
  const { xx, xy, yy } = ellipse(psf);
  return moffatPeak(psf) * (1 + xx * dx * dx + xy * dx * dy + yy * dy * dy) ** -psf.beta;
}

/** Adds a point of `flux`, row by row over the pixels where it is above 0.02 electrons. */
export function paintPoint(plane: Plane, psf: MoffatPsf, x: number, y: number, flux: number): void {
  const { width, height, pixels } = plane;
  const peak = flux * moffatPeak(psf);
  const reach = (Math.abs(peak) / FAINTEST) ** (1 / psf.beta) - 1;
  if (!(reach > 0)) return;
  const { xx, xy, yy } = ellipse(psf);
  const hasRoot = psf.beta === 3.5;
  const tallest = Math.sqrt(reach / (yy - (xy * xy) / (4 * xx)));
  const lastRow = Math.min(height - 1, Math.floor(y + tallest));
  for (let j = Math.max(0, Math.ceil(y - tallest)); j <= lastRow; j++) {
    const dy = j - y;
    const middle = x - (xy * dy) / (2 * xx);
    const half = Math.sqrt(Math.max(0, (xy * dy) ** 2 - 4 * xx * (yy * dy * dy - reach))) / (2 * xx);
    const last = Math.min(width - 1, Math.floor(middle + half));
    for (let i = Math.max(0, Math.ceil(middle - half)), at = j * width + i; i <= last; i++, at++) {
      const dx = i - x;
      const inverse = 1 / (1 + xx * dx * dx + xy * dx * dy + yy * dy * dy);
      const cube = inverse * inverse * inverse;
      pixels[at] += peak * (hasRoot ? cube * Math.sqrt(inverse) : cube);
    }
  }
}
