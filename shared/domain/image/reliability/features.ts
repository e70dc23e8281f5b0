import type { Difference } from '../difference.ts';
import { shiftStamp } from '../lanczos.ts';
import { MASK } from '../masked-image.ts';
import type { Scene, UnjudgedSource } from '../measure.ts';

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
  readonly difference: Pick<Difference, 'image' | 'matched' | 'score' | 'psfAt' | 'fwhm'>;
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
  const round = ixx === null || iyy === null || ixy === null;
  return {
    logSnr: Math.log10(Math.max(1, snr ?? 1)),
    fluxOverScore: bounded(flux / ((psfFluxErr ?? Number.NaN) * (snr ?? 1)) - 1, 2),
    chi2: Math.log10(Math.max(0.1, (psfChi2 ?? 0) / Math.max(1, psfNdata))),
    apertureExcess: bounded((sign * (apFlux ?? 0)) / flux - 1, 5),
    size: round ? 0 : bounded(Math.log10((ixx + iyy) / ((ixxPSF ?? 0) + (iyyPSF ?? 0))), 1),
    ellipticity: round ? 0 : Math.hypot(ixx - iyy, 2 * ixy) / (ixx + iyy),
    presence: bounded(((own ?? 0) - flux) / noise, 5),
    contrast: Math.log10(Math.max(Math.abs(other ?? 0), otherErr ?? 0, 1e-3 * flux) / Math.max(flux, 1e-9)),
    centroidFailed: Number(source.centroid_flag === true),
    shapeFailed: Number(round),
    dipole: Number(source.isDipole === true),
    dipoleTried: Number(source.dipoleFitAttempted === true),
    trail: Number(source.trailLengthErr !== null),
  } satisfies Partial<Features<FeatureName>>;
}

/** How well the PSF describes the pixels within one FWHM of the centroid. */
function coreFeatures({ difference, sourceVariance }: FeatureScene, source: UnjudgedSource) {
  const { image, variance, width, height } = difference.image;
  const matched = difference.matched.image;
  const { half, values } = difference.psfAt(source.x, source.y);
  const side = 2 * half + 1;
  const [cx, cy] = [Math.round(source.x), Math.round(source.y)];
  const psf = shiftStamp(values, side, bounded(source.x - cx, 1), bounded(source.y - cy, 1));
  const sign = source.isNegative ? -1 : 1;
  const flux = sign * (source.psfFlux ?? 0);
  const reach = Math.min(half - 1, Math.ceil(difference.fwhm));
  let [count, chi2, residual, expected, model, negative, slopes, noise] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [peak, cross, psfPeak, psfCross] = [0, 0, 0, 0];
  for (let j = -reach; j <= reach; j++) {
    for (let i = -reach; i <= reach; i++) {
      const [x, y] = [cx + i, cy + j];
      if (i * i + j * j > reach * reach || x < 1 || y < 1 || x >= width - 1 || y >= height - 1) continue;
      const at = y * width + x;
      const p = psf[(j + half) * side + i + half];
      const value = sign * image[at];
      const own = variance[at] + Math.max(0, flux * p) * sourceVariance;
      const off = value - flux * p;
      count++;
      chi2 += (off * off) / own;
      residual += off * off;
      expected += own;
      model += (flux * p) ** 2;
      if (value < -2 * Math.sqrt(variance[at])) negative++;
      const slope =
        (matched[at + 1] - matched[at - 1]) ** 2 + (matched[at + width] - matched[at - width]) ** 2;
      slopes += p * p * slope;
      noise += p * p * variance[at];
      if (i === 0 && j === 0) [peak, psfPeak] = [value, p];
      else if (i * i + j * j === 1) {
        cross += value / 4;
        psfCross += p / 4;
      }
    }
  }
  return {
    coreChi2: Math.log10(Math.max(0.1, chi2 / Math.max(1, count))),
    coreMisfit: Math.sqrt(Math.max(0, residual - expected) / Math.max(model, 1e-9)),
    sharpness: bounded((peak - cross - flux * (psfPeak - psfCross)) / (flux * psfPeak), 3),
    negativePixels: negative / Math.max(1, count),
    // A registration off by a tenth of a pixel leaves this much, in sigma of the flux.
    gradient: Math.log10(1 + 0.05 * Math.sqrt(slopes / Math.max(noise, 1e-30))),
  } satisfies Partial<Features<FeatureName>>;
}

/** What else there is within four FWHM: other peaks, noise above its variance, masks, brighter things on the template. */
function wideFeatures({ difference }: FeatureScene, source: UnjudgedSource) {
  const { variance, mask, width, height } = difference.image;
  const { score, fwhm } = difference;
  const matched = difference.matched.image;
  const sign = source.isNegative ? -1 : 1;
  const [cx, cy] = [Math.round(source.x), Math.round(source.y)];
  const [near, far] = [1.5 * fwhm, 4 * fwhm];
  const reach = Math.ceil(far);
  let [opposite, second, power, powers, spoilt, pixels, brightest] = [0, 0, 0, 0, 0, 0, 0];
  let quietest = Number.POSITIVE_INFINITY;
  for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++) {
    for (let x = Math.max(0, cx - reach); x <= Math.min(width - 1, cx + reach); x++) {
      const r2 = (x - cx) ** 2 + (y - cy) ** 2;
      if (r2 > far * far) continue;
      const at = y * width + x;
      const value = sign * score[at];
      if (variance[at] > 0 && variance[at] < quietest) quietest = variance[at];
      if (r2 <= 2.25 * near * near) {
        pixels++;
        if ((mask[at] & ~DETECTIONS) !== 0) spoilt++;
        opposite = Math.max(opposite, -value);
        brightest = Math.max(brightest, matched[at]);
      }
      if (r2 <= near * near || (mask[at] & ~DETECTIONS) !== 0) continue;
      second = Math.max(second, value);
      power += value * value;
      powers++;
    }
  }
  const snr = Math.max(1, source.snr ?? 1);
  const centre = inside(cx, cy, width, height) ? variance[cy * width + cx] : quietest;
  const sigma = Math.sqrt(Math.max(quietest, 1e-30));
  return {
    oppositeScore: bounded(Math.max(0, opposite - 3) / snr, 3),
    secondScore: bounded(Math.max(0, second - 4) / snr, 3),
    scoreNoise: Math.log10(Math.max(0.3, Math.sqrt(power / Math.max(1, powers)))),
    maskedPixels: spoilt / Math.max(1, pixels),
    brighterNearby: Math.log10(1 + Math.max(0, brightest) / (sigma * snr)),
    excessVariance: Number.isFinite(quietest) ? Math.log10(Math.max(1, centre / quietest)) : 0,
  } satisfies Partial<Features<FeatureName>>;
}

const inside = (x: number, y: number, width: number, height: number): boolean =>
  x >= 0 && y >= 0 && x < width && y < height;

/** The value within [-limit, limit]; NaN is 0. */
function bounded(value: number, limit: number): number {
  return Number.isNaN(value) ? 0 : Math.min(limit, Math.max(-limit, value));
}
