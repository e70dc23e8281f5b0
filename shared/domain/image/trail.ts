import { addPoint, type FinePsf } from './fine-psf.ts';
import { fitNonlinear } from './least-squares.ts';
import { usablePixels, type Window } from './window.ts';

/** A line of constant brightness convolved with the PSF. Pixels; the angle counts from +x to +y. */
export interface Trail {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly angleRad: number;
  readonly flux: number;
}

export interface TrailFit extends Trail {
  readonly xErr: number;
  readonly yErr: number;
  readonly lengthErr: number;
  readonly angleErrRad: number;
  readonly fluxErr: number;
  readonly chi2: number;
  readonly count: number;
}

/** Adds a trail to a model, as points at most 0.75 px apart. */
function addTrail(model: Float64Array, window: Window, psf: FinePsf, trail: Trail, points: number): void {
  const dx = (Math.cos(trail.angleRad) * trail.length) / points;
  const dy = (Math.sin(trail.angleRad) * trail.length) / points;
  for (let k = 0; k < points; k++) {
    const t = k + 0.5 - points / 2;
    addPoint(model, window, psf, trail.x + t * dx, trail.y + t * dy, trail.flux / points);
  }
}

/** Lengths, in units of the guess, that the fit starts from: noise makes shallow minima between them. */
const STARTS = [1, 0.75, 1.35];

/** Fits all five parameters of a trail, starting from a guess. Undefined when the fit fails. */
export function fitTrail(window: Window, psf: FinePsf, guess: Trail): TrailFit | undefined {
  let best: TrailFit | undefined;
  for (const factor of STARTS) {
    const fit = fitFrom(window, psf, { ...guess, length: factor * guess.length });
    if (fit !== undefined && (best === undefined || fit.chi2 < best.chi2)) best = fit;
  }
  return best;
}

function fitFrom(window: Window, psf: FinePsf, start: Trail): TrailFit | undefined {
  const points = Math.max(4, Math.ceil((1.4 * start.length) / 0.75));
  const unit = Math.abs(start.flux) || 1;
  const fit = fitNonlinear(
    ([x, y, length, angleRad, flux], values) => {
      values.fill(0);
      addTrail(values, window, psf, { x, y, length, angleRad, flux: flux * unit }, points);
    },
    window.data,
    window.weights,
    [start.x, start.y, start.length, start.angleRad, start.flux / unit],
    [0.1, 0.1, 0.2, 0.02, 0.01],
    15,
  );
  if (fit === undefined) return undefined;
  const [x, y, length, angleRad, flux] = fit.parameters;
  const error = (k: number): number => Math.sqrt(fit.covariance[k * 5 + k]);
  return {
    x,
    y,
    length: Math.abs(length),
    angleRad,
    flux: flux * unit,
    xErr: error(0),
    yErr: error(1),
    lengthErr: error(2),
    angleErrRad: error(3),
    fluxErr: error(4) * unit,
    chi2: fit.chi2,
    count: usablePixels(window),
  };
}

/** Flux and chi² of a trail whose geometry is given: the linear part of the fit alone. */
export function trailFlux(
  window: Window,
  psf: FinePsf,
  trail: Omit<Trail, 'flux'>,
): { flux: number; fluxErr: number; chi2: number; count: number } | undefined {
  const model = new Float64Array(window.data.length);
  addTrail(model, window, psf, { ...trail, flux: 1 }, Math.max(2, Math.ceil(trail.length / 0.75)));
  let product = 0;
  let square = 0;
  for (let i = 0; i < model.length; i++) {
    product += window.weights[i] * model[i] * window.data[i];
    square += window.weights[i] * model[i] * model[i];
  }
  if (!(square > 0)) return undefined;
  const flux = product / square;
  let chi2 = 0;
  for (let i = 0; i < model.length; i++) chi2 += window.weights[i] * (window.data[i] - flux * model[i]) ** 2;
  return { flux, fluxErr: 1 / Math.sqrt(square), chi2, count: usablePixels(window) };
}
