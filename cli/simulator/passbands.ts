export const bands = ['u', 'g', 'r', 'i', 'z', 'y'] as const;
export type Band = (typeof bands)[number];

/** A value for each band. */
export type PerBand = Readonly<Record<Band, number>>;

/** Instrumental zero points (magnitude of one electron per second) and dark-sky brightness, SMTN-002. */
const zeroPointMag: PerBand = { u: 26.52, g: 28.51, r: 28.36, i: 28.17, z: 27.78, y: 26.82 };
const skyMagPerArcsec2: PerBand = { u: 22.96, g: 22.26, r: 21.2, i: 20.48, z: 19.6, y: 18.61 };

export const EXPOSURE_SECONDS = 30;
export const PIXEL_ARCSEC = 0.2;
/** Electrons rms, of all amplifiers within a few per cent. */
export const READ_NOISE_ELECTRONS = 6;
/** Effective number of exposures in a template. */
export const TEMPLATE_DEPTH = 10;

const AB_ZERO_POINT_NJY = 31.4;

/** Electrons of one exposure for a source of 1 nJy through a clear sky. */
export function electronsPerNjy(band: Band): number {
  return EXPOSURE_SECONDS * 10 ** (0.4 * (zeroPointMag[band] - AB_ZERO_POINT_NJY));
}

/** Electrons per pixel of a dark sky in one exposure. */
export function skyElectrons(band: Band): number {
  const arcsec2 = PIXEL_ARCSEC ** 2;
  return EXPOSURE_SECONDS * arcsec2 * 10 ** (0.4 * (zeroPointMag[band] - skyMagPerArcsec2[band]));
}

/** Effective noise area of a circular Moffat profile, pixels: 1 over the sum of its squares. */
export function noiseArea(fwhmPixels: number, beta: number): number {
  const alpha = moffatAlpha(fwhmPixels, beta);
  return (Math.PI * alpha ** 2 * (2 * beta - 1)) / (beta - 1) ** 2;
}

/** Moffat's scale radius for a full width at half maximum. */
export function moffatAlpha(fwhm: number, beta: number): number {
  return fwhm / (2 * Math.sqrt(2 ** (1 / beta) - 1));
}

/** Variance per pixel of a template in nJy^2, without the sources' own noise. */
export function templateVariance(band: Band): number {
  const electrons = (skyElectrons(band) + READ_NOISE_ELECTRONS ** 2) / TEMPLATE_DEPTH;
  return electrons / electronsPerNjy(band) ** 2;
}

/** One-sigma depth in nJy of a difference in ordinary conditions (seeing 0.8", dark and clear). */
export function nominalDepth(band: Band): number {
  const variance = (skyElectrons(band) + READ_NOISE_ELECTRONS ** 2) / electronsPerNjy(band) ** 2;
  return Math.sqrt(noiseArea(0.8 / PIXEL_ARCSEC, 3) * (variance + templateVariance(band)));
}
