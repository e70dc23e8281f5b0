import { type MoffatPsf, moffatAlpha, moffatPeak, moffatValue, noiseArea } from './moffat-stamp.ts';

/**
 * Standard deviation, electrons, of the flux that the PSF as a filter gives for a point of `flux` over pixels of
 * `variance`, its own photons included: those have sum P³ / (sum P²)² for each electron.
 */
export function fluxSigma(psf: MoffatPsf, flux: number, variance: number): number {
  const cubes = (moffatPeak(psf) ** 3 * Math.PI * moffatAlpha(psf) ** 2) / (3 * psf.beta - 1);
  return Math.sqrt(variance * noiseArea(psf) + flux * cubes * noiseArea(psf) ** 2);
}

/**
 * Cramer-Rao bound of the centroid on each axis, pixels: the inverse of the Fisher information sum (dM/dx)² / noise over
 * 33² pixels. The flux is free too, but by symmetry its error does not mix with the position's.
 */
export function centroidSigma(psf: MoffatPsf, flux: number, variance: number): { x: number; y: number } {
  const half = 16;
  const step = 1e-3;
  let [xx, yy, xy] = [0, 0, 0];
  for (let dy = -half; dy <= half; dy++) {
    for (let dx = -half; dx <= half; dx++) {
      const noise = variance + flux * moffatValue(psf, dx, dy);
      const alongX = moffatValue(psf, dx + step, dy) - moffatValue(psf, dx - step, dy);
      const alongY = moffatValue(psf, dx, dy + step) - moffatValue(psf, dx, dy - step);
      const scale = (flux / (2 * step)) ** 2 / noise;
      xx += scale * alongX * alongX;
      yy += scale * alongY * alongY;
      xy += scale * alongX * alongY;
    }
  }
  const determinant = xx * yy - xy * xy;
  return { x: Math.sqrt(yy / determinant), y: Math.sqrt(xx / determinant) };
}
