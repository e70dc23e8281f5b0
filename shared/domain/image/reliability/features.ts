import type { Difference } from '../difference.ts';
import { MASK, type MaskedImage } from '../masked-image.ts';
import type { Scene, UnjudgedSource } from '../measure.ts';
import { movePsf } from '../moved-psf.ts';
import type { SkyPlane } from '../patch.ts';

/** What the model looks at, in its order; every one is free of units and of the source's sign. */
export const featureNames = [
  'logSnr',
  'fluxOverScore',
  'chi2',
  'coreChi2',
  'coreMisfit',
  'sharpness',
  'negativePixels',
  'apertureExcess',
  'size',
  'ellipticity',
  'oppositeScore',
  'secondScore',
  'scoreNoise',
  'maskedPixels',
  'presence',
  'contrast',
  'brighterNearby',
  'gradient',
  'excessVariance',
  'centroidFailed',
  'shapeFailed',
  'dipole',
  'dipoleTried',
  'trail',
] as const;

export type FeatureName = (typeof featureNames)[number];

/** The planes and PSFs that features are measured on. */
export interface FeatureScene extends Pick<Scene, 'sourceVariance'> {
  readonly difference: Planes & Pick<Difference, 'psfAt' | 'fwhm'>;
}

interface Planes {
  readonly image: MaskedImage | SkyPlane;
  readonly matched: { readonly image: Float32Array };
  readonly score: Float32Array;
}

/** What a detection itself sets; every other bit of the mask is a reason to believe less. */
const DETECTIONS = MASK.DETECTED | MASK.DETECTED_NEGATIVE;

/**
 * Features of a measured source, in the order of featureNames, from its fields and the pixels within four FWHM.
 * All are finite: what could not be measured takes the value of a perfect point source and has a feature of its own.
 */
export function reliabilityFeatures(scene: FeatureScene, source: UnjudgedSource): Float64Array {
  const values = { ...fieldFeatures(source), ...coreFeatures(scene, source), ...wideFeatures(scene, source) };
  return Float64Array.from(featureNames, (name) => (Number.isFinite(values[name]) ? values[name] : 0));
}

type Features<Name extends FeatureName> = Record<Name, number>;

function fieldFeatures(source: UnjudgedSource) {
  const { snr, psfFlux, psfFluxErr, psfChi2, psfNdata, apFlux, isNegative } = source;
  const sign = isNegative ? -1 : 1;
  const flux = sign * (psfFlux ?? 0);
  // The image that the source is brighter on must show it: the science image, or, where it faded, the template.
  const [own, ownErr, other, otherErr] = isNegative
    ? [source.templateFlux, source.templateFluxErr, source.scienceFlux, source.scienceFluxErr]
    : [source.scienceFlux, source.scienceFluxErr, source.templateFlux, source.templateFluxErr];
  const noise = Math.hypot(psfFluxErr ?? 0, ownErr ?? 0);
  const { ixx, iyy, ixy, ixxPSF, iyyPSF } = source;
  const isShapeless = ixx === null || iyy === null || ixy === null;
  return {
    logSnr: Math.log10(Math.max(1, snr ?? 1)),
    fluxOverScore: bounded(flux / ((psfFluxErr ?? Number.NaN) * (snr ?? 1)) - 1, 2),
    chi2: Math.log10(Math.max(0.1, (psfChi2 ?? 0) / Math.max(1, psfNdata))),
    apertureExcess: bounded((sign * (apFlux ?? 0)) / flux - 1, 5),
    size: isShapeless ? 0 : bounded(Math.log10((ixx + iyy) / ((ixxPSF ?? 0) + (iyyPSF ?? 0))), 1),
    ellipticity: isShapeless ? 0 : Math.hypot(ixx - iyy, 2 * ixy) / (ixx + iyy),
    presence: bounded(((own ?? 0) - flux) / noise, 5),
    contrast: Math.log10(Math.max(Math.abs(other ?? 0), otherErr ?? 0, 1e-3 * flux) / Math.max(flux, 1e-9)),
    centroidFailed: Number(source.centroid_flag === true),
    shapeFailed: Number(isShapeless),
    dipole: Number(source.isDipole === true),
    dipoleTried: Number(source.dipoleFitAttempted === true),
    trail: Number(source.trailLengthErr !== null),
  } satisfies Partial<Features<FeatureName>>;
}

/** How well the PSF describes the pixels within one FWHM of the centroid. */
function coreFeatures({ difference, sourceVariance }: FeatureScene, source: UnjudgedSource) {
  const { image, width, height } = difference.image;
  const varianceAt = varianceOf(difference.image);
  const matched = difference.matched.image;
  const psf = difference.psfAt(source.x, source.y);
  const reach = Math.min(psf.half - 1, Math.ceil(difference.fwhm));
  const side = 2 * reach + 1;
  const [cx, cy] = [Math.round(source.x), Math.round(source.y)];
  const { values } = movePsf(psf, reach, source.x - cx, source.y - cy, false);
  const sign = source.isNegative ? -1 : 1;
  const flux = sign * (source.psfFlux ?? 0);
  let [count, chi2, residual, expected, model, negative, slopes, noise] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [peak, cross, psfPeak, psfCross] = [0, 0, 0, 0];
  for (let j = -reach; j <= reach; j++) {
    for (let i = -reach; i <= reach; i++) {
      const [x, y] = [cx + i, cy + j];
      if (i * i + j * j > reach * reach || x < 1 || y < 1 || x >= width - 1 || y >= height - 1) continue;
      const at = y * width + x;
      const p = values[(j + reach) * side + i + reach];
      const value = sign * image[at];
      const sky = varianceAt(x, y);
      const own = sky + Math.max(0, flux * p) * sourceVariance;
      const off = value - flux * p;
      count++;
      chi2 += (off * off) / own;
      residual += off * off;
      expected += own;
      model += (flux * p) ** 2;
      if (value < -2 * Math.sqrt(sky)) negative++;
      const slope =
        (matched[at + 1] - matched[at - 1]) ** 2 + (matched[at + width] - matched[at - width]) ** 2;
      slopes += p * p * slope;
      noise += p * p * sky;
      if (i === 0 && j === 0) [peak, psfPeak] = [value, p];
      else if (i * i + j * j === 1) {
        cross += value / 4;
        psfCross += p / 4;
      }
    }
  }
  return {
    coreChi2: Math.log10(Math.max(0.1, chi2 / Math.max(1, count))),
    coreMisfit: bounded(Math.sqrt(Math.max(0, residual - expected) / model), 3),
    sharpness: bounded((peak - cross - flux * (psfPeak - psfCross)) / (flux * psfPeak), 3),
    negativePixels: negative / Math.max(1, count),
    // A registration off by a tenth of a pixel leaves this much, in sigma of the flux.
    gradient: Math.log10(1 + 0.05 * Math.sqrt(slopes / Math.max(noise, 1e-30))),
  } satisfies Partial<Features<FeatureName>>;
}

/** What else there is within four FWHM: other peaks, noise above its variance, masks, brighter things on the template. */
function wideFeatures({ difference }: FeatureScene, source: UnjudgedSource) {
  const { fwhm } = difference;
  const [cx, cy] = [Math.round(source.x), Math.round(source.y)];
  const sign = source.isNegative ? -1 : 1;
  const near = nearby(difference, cx, cy, 2.25 * fwhm, sign);
  const ring = around(difference, cx, cy, 1.5 * fwhm, 4 * fwhm, sign);
  const snr = Math.max(1, source.snr ?? 1);
  const { centre, quietest } = variances(difference.image, cx, cy, Math.ceil(4 * fwhm));
  return {
    oppositeScore: bounded(Math.max(0, -near.lowest - 3) / snr, 3),
    secondScore: bounded(Math.max(0, ring.highest - 4) / snr, 3),
    scoreNoise: Math.log10(Math.max(0.3, ring.rms)),
    maskedPixels: near.masked,
    brighterNearby: Math.log10(1 + near.brightest / (Math.sqrt(quietest) * snr)),
    excessVariance: Math.log10(Math.max(1, centre / quietest)),
  } satisfies Partial<Features<FeatureName>>;
}

/** Lowest score of the source's sign, part of masked pixels, brightest pixel of the template, within a radius. */
function nearby({ image, matched, score }: Planes, cx: number, cy: number, radius: number, sign: number) {
  const { mask, width, height } = image;
  const reach = Math.floor(radius);
  let [lowest, masked, pixels, brightest] = [0, 0, 0, 0];
  for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++) {
    for (let x = Math.max(0, cx - reach); x <= Math.min(width - 1, cx + reach); x++) {
      if ((x - cx) ** 2 + (y - cy) ** 2 > radius * radius) continue;
      const at = y * width + x;
      pixels++;
      if ((mask[at] & ~DETECTIONS) !== 0) masked++;
      if (sign * score[at] < lowest) lowest = sign * score[at];
      if (matched.image[at] > brightest) brightest = matched.image[at];
    }
  }
  return { lowest, masked: masked / Math.max(1, pixels), brightest };
}

/** Highest score and its rms between two radii, on every other pixel: the score changes over a FWHM, not over a pixel. */
function around(
  { image, score }: Planes,
  cx: number,
  cy: number,
  inner: number,
  outer: number,
  sign: number,
): { highest: number; rms: number } {
  const { mask, width, height } = image;
  const reach = Math.floor(outer);
  let [highest, power, pixels] = [0, 0, 0];
  for (let y = cy - reach; y <= cy + reach; y += 2) {
    if (y < 0 || y >= height) continue;
    for (let x = cx - reach; x <= cx + reach; x += 2) {
      const r2 = (x - cx) ** 2 + (y - cy) ** 2;
      if (r2 < inner * inner || r2 > outer * outer || x < 0 || x >= width) continue;
      const at = y * width + x;
      if ((mask[at] & ~DETECTIONS) !== 0) continue;
      const value = sign * score[at];
      if (value > highest) highest = value;
      power += value * value;
      pixels++;
    }
  }
  return { highest, rms: Math.sqrt(power / Math.max(1, pixels)) };
}

/** Variance under a source, and the least of eight places around it: that of the sky alone, 1e-30 where there is none. */
function variances(
  plane: Planes['image'],
  cx: number,
  cy: number,
  reach: number,
): { centre: number; quietest: number } {
  const varianceAt = varianceOf(plane);
  const at = (i: number, j: number): number => {
    const [x, y] = [cx + i * reach, cy + j * reach];
    const value = x >= 0 && y >= 0 && x < plane.width && y < plane.height ? varianceAt(x, y) : 0;
    return value > 0 ? value : Number.POSITIVE_INFINITY;
  };
  const places = [-1, 0, 1].flatMap((j) => [-1, 0, 1].map((i) => at(i, j)));
  const quietest = Math.min(...places);
  return Number.isFinite(quietest) ? { centre: places[4], quietest } : { centre: 1e-30, quietest: 1e-30 };
}

const varianceOf = (plane: Planes['image']): ((x: number, y: number) => number) =>
  'varianceAt' in plane ? plane.varianceAt : (x, y) => plane.variance[y * plane.width + x];

/** The value within [-limit, limit]; NaN is 0. */
function bounded(value: number, limit: number): number {
  return Number.isNaN(value) ? 0 : Math.min(limit, Math.max(-limit, value));
}
