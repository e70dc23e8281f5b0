import { addPoint, type FinePsf } from './fine-psf.ts';
import { fitNonlinear } from './least-squares.ts';
import { usablePixels, type Window } from './window.ts';

/** Two point sources of opposite sign: what a star that moved, or was badly registered, leaves. */
export interface DipoleFit {
  readonly positive: Lobe;
  /** `flux` is a positive number here. */
  readonly negative: Lobe;
  readonly chi2: number;
  readonly count: number;
  /** LSST's rule: combined S/N over sqrt(2) 5, neither lobe with more than 0.65 of the flux, a sane separation. */
  readonly isDipole: boolean;
}

export interface Lobe {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
  readonly fluxErr: number;
}

/** A lobe as the difference shows it: the strongest pixel of its sign, and the flux that its score stands for. */
export interface SeenLobe {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

const LEAST_SNR = Math.SQRT2 * 5;
const MOST_OF_A_LOBE = 0.65;

/** A PSF flux on the template may be this much off for what lies under the star. */
const TEMPLATE_TOLERANCE = 0.1;

/**
 * Fits position and flux of both lobes. A difference alone knows only the product of flux and separation where the lobes
 * overlap, so the template says how bright its star is.
 *
 * @param template PSF flux of the matched template there, and its error
 */
export function fitDipole(
  window: Window,
  psf: FinePsf,
  positive: SeenLobe,
  negative: SeenLobe,
  template: { readonly flux: number; readonly fluxErr: number },
): DipoleFit | undefined {
  const seen = Math.max(positive.flux, negative.flux);
  const unit = Math.max(seen, template.flux);
  if (!(unit > 0)) return undefined;
  const tolerance = Math.hypot(template.fluxErr, TEMPLATE_TOLERANCE * Math.max(template.flux, seen));
  const size = window.data.length;
  const fit = fitNonlinear(
    ([px, py, pf, nx, ny, nf], values) => {
      values.fill(0);
      addPoint(values, window, psf, px, py, pf * unit);
      addPoint(values, window, psf, nx, ny, -nf * unit);
      values[size] = nf * unit;
    },
    Float64Array.of(...window.data, template.flux),
    Float64Array.of(...window.weights, 1 / (tolerance * tolerance)),
    startOf(positive, negative, unit),
    [0.1, 0.1, 0.01, 0.1, 0.1, 0.01],
    15,
  );
  if (fit === undefined) return undefined;
  const [px, py, pf, nx, ny, nf] = fit.parameters;
  const error = (k: number): number => Math.sqrt(fit.covariance[k * 6 + k]) * unit;
  const power = window.data.reduce((sum, value, i) => sum + window.weights[i] * value * value, 0);
  // Where lobes overlap their fluxes are those of the star; how balanced they are is seen in the difference.
  const balanced = seen / (positive.flux + negative.flux) <= MOST_OF_A_LOBE && Math.min(pf, nf) > 0;
  return {
    positive: { x: px, y: py, flux: pf * unit, fluxErr: error(2) },
    negative: { x: nx, y: ny, flux: nf * unit, fluxErr: error(5) },
    chi2: fit.chi2,
    count: usablePixels(window),
    isDipole: balanced && power - fit.chi2 > LEAST_SNR * LEAST_SNR && Math.hypot(px - nx, py - ny) < psf.half,
  };
}

/** Two lobes of equal flux f seen where a star of flux F moved by d FWHM have f = F d while d is small. */
function startOf(positive: SeenLobe, negative: SeenLobe, unit: number): number[] {
  const apart = Math.min(1, (positive.flux + negative.flux) / 2 / unit);
  const [x, y] = [(positive.x + negative.x) / 2, (positive.y + negative.y) / 2];
  const towards = (lobe: SeenLobe): number[] => [x + (lobe.x - x) * apart, y + (lobe.y - y) * apart];
  const net = (positive.flux - negative.flux) / unit;
  const [pf, nf] = apart < 1 ? [1 + net / 2, 1 - net / 2] : [positive.flux / unit, negative.flux / unit];
  return [...towards(positive), pf, ...towards(negative), nf];
}
