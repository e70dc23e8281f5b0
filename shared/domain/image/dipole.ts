import { addPoint, type FinePsf } from './fine-psf.ts';
import { fitNonlinear } from './least-squares.ts';
import { usablePixels, type Window } from './window.ts';

/** Two point sources of opposite sign: what a star that moved, or was badly registered, leaves. */
export interface DipoleFit {
  readonly positive: {
    readonly x: number;
    readonly y: number;
    readonly flux: number;
    readonly fluxErr: number;
  };
  /** `flux` is a positive number here. */
  readonly negative: {
    readonly x: number;
    readonly y: number;
    readonly flux: number;
    readonly fluxErr: number;
  };
  readonly chi2: number;
  readonly count: number;
  /** LSST's rule: combined S/N over sqrt(2) 5, neither lobe with more than 0.65 of the flux, a sane separation. */
  readonly isDipole: boolean;
}

const LEAST_SNR = Math.SQRT2 * 5;
const MOST_OF_A_LOBE = 0.65;

/** Fits position and flux of both lobes. */
export function fitDipole(
  window: Window,
  psf: FinePsf,
  positive: { x: number; y: number; flux: number },
  negative: { x: number; y: number; flux: number },
): DipoleFit | undefined {
  const unit = Math.max(positive.flux, negative.flux);
  if (!(unit > 0)) return undefined;
  const fit = fitNonlinear(
    ([px, py, pf, nx, ny, nf], values) => {
      values.fill(0);
      addPoint(values, window, psf, px, py, pf * unit);
      addPoint(values, window, psf, nx, ny, -nf * unit);
    },
    window.data,
    window.weights,
    [positive.x, positive.y, positive.flux / unit, negative.x, negative.y, negative.flux / unit],
    [0.1, 0.1, 0.01, 0.1, 0.1, 0.01],
    15,
  );
  if (fit === undefined) return undefined;
  const [px, py, pf, nx, ny, nf] = fit.parameters;
  const [pe, ne] = [Math.sqrt(fit.covariance[2 * 6 + 2]) * unit, Math.sqrt(fit.covariance[5 * 6 + 5]) * unit];
  const lobes = { positive: pf * unit, negative: nf * unit };
  const total = Math.abs(lobes.positive) + Math.abs(lobes.negative);
  const snr = Math.hypot(lobes.positive / pe, lobes.negative / ne);
  const balanced = Math.max(lobes.positive, lobes.negative) / total <= MOST_OF_A_LOBE && Math.min(pf, nf) > 0;
  return {
    positive: { x: px, y: py, flux: lobes.positive, fluxErr: pe },
    negative: { x: nx, y: ny, flux: lobes.negative, fluxErr: ne },
    chi2: fit.chi2,
    count: usablePixels(window),
    isDipole: balanced && snr > LEAST_SNR && Math.hypot(px - nx, py - ny) < psf.half,
  };
}
