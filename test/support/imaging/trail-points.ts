import { type MoffatPsf, type Plane, paintPoint } from './moffat-stamp.ts';

/** A line of constant brightness, pixels; the angle counts from +x to +y. */
export interface TrailShape {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly angleRad: number;
}

/** Of the points that make the line: far below the PSF's width. */
const STEP = 0.25;

/** Adds a trail of `flux` as points on it. */
export function paintTrail(plane: Plane, psf: MoffatPsf, trail: TrailShape, flux: number): void {
  const count = Math.ceil(trail.length / STEP);
  const [cos, sin] = [Math.cos(trail.angleRad), Math.sin(trail.angleRad)];
  for (let k = 0; k < count; k++) {
    const along = ((k + 0.5) / count - 0.5) * trail.length;
    paintPoint(plane, psf, trail.x + along * cos, trail.y + along * sin, flux / count);
  }
}

/** Pixels of a trail's noise-equivalent area, 1 / sum P², P being the convolved line: its S/N is that of its own filter. */
export function trailNoiseArea(psf: MoffatPsf, trail: TrailShape): number {
  const side = Math.ceil(trail.length) + 60;
  const plane = { width: side, height: side, pixels: new Float32Array(side * side) };
  // As bright as the stamps' end at 0.02 needs to be harmless.
  const flux = 1e6;
  paintTrail(plane, psf, { ...trail, x: side / 2, y: side / 2 }, flux);
  let squares = 0;
  for (const value of plane.pixels) squares += (value / flux) ** 2;
  return 1 / squares;
}
