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
export const MOST_OF_A_LOBE = 0.65;

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
    (parameters, values) => {
      const lobes = lobesOf(parameters);
      values.fill(0);
      addPoint(values, window, psf, lobes.px, lobes.py, lobes.pf * unit);
      addPoint(values, window, psf, lobes.nx, lobes.ny, -lobes.nf * unit);
      values[size] = lobes.nf * unit;
    },
    Float64Array.of(...window.data, template.flux),
    Float64Array.of(...window.weights, 1 / (tolerance * tolerance)),
    startOf(positive, negative, unit),
    [0.1, 0.1, 0.1, 0.1, 0.01, 0.01],
    25,
  );
  if (fit === undefined) return undefined;
  const { px, py, pf, nx, ny, nf } = lobesOf(fit.parameters);
  const power = window.data.reduce((sum, value, i) => sum + window.weights[i] * value * value, 0);
  // Where lobes overlap their fluxes are those of the star; how balanced they are is seen in the difference.
  const balanced = seen / (positive.flux + negative.flux) <= MOST_OF_A_LOBE && Math.min(pf, nf) > 0;
  // Of F + net / 2 and F - net / 2.
  const [mean, net, both] = [
    fit.covariance[5 * 6 + 5],
    fit.covariance[4 * 6 + 4] / 4,
    fit.covariance[5 * 6 + 4],
  ];
  return {
    positive: { x: px, y: py, flux: pf * unit, fluxErr: unit * Math.sqrt(mean + net + both) },
    negative: { x: nx, y: ny, flux: nf * unit, fluxErr: unit * Math.sqrt(mean + net - both) },
    chi2: fit.chi2,
    count: usablePixels(window),
    isDipole: balanced && power - fit.chi2 > LEAST_SNR * LEAST_SNR && Math.hypot(px - nx, py - ny) < psf.half,
  };
}

/**
 * Lobes by what a difference tells of them: their middle, the moment (separation times flux), the difference of their
 * fluxes, and the mean flux, which it hardly tells where they overlap. So the fit is no narrow valley.
 */
function lobesOf([x, y, momentX, momentY, net, flux]: Float64Array) {
  const [dx, dy] = [momentX / flux / 2, momentY / flux / 2];
  return { px: x + dx, py: y + dy, pf: flux + net / 2, nx: x - dx, ny: y - dy, nf: flux - net / 2 };
}

/** Two lobes of equal flux f seen where a star of flux F moved by d FWHM have f = F d while d is small. */
function startOf(positive: SeenLobe, negative: SeenLobe, unit: number): number[] {
  const seen = (positive.flux + negative.flux) / 2 / unit;
  const flux = seen < 1 ? 1 : seen;
  return [
    (positive.x + negative.x) / 2,
    (positive.y + negative.y) / 2,
    (positive.x - negative.x) * seen,
    (positive.y - negative.y) * seen,
    (positive.flux - negative.flux) / unit,
    flux,
  ];
}
