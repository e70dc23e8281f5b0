import { MASK } from '#shared/domain/image/masked-image.ts';
import { pixelToSky, skyToPixel, type Wcs } from '#shared/domain/sky/wcs.ts';
import { lanczosAt } from '../../../support/lanczos.ts';

interface Source {
  readonly width: number;
  readonly height: number;
  readonly wcs: Wcs;
  readonly image: Float32Array;
  readonly variance: Float32Array;
  readonly mask: Uint16Array;
}

interface Target {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  /** Of half the size. */
  readonly variance: Float32Array;
  readonly mask: Uint16Array;
}

const CELL = 32;

/** Warps pixel by pixel, positions bilinear in cells of 32 pixels. */
export function warpTwin(target: Target, wcs: Wcs, source: Source): void {
  for (let y0 = 0; y0 < target.height; y0 += CELL) {
    for (let x0 = 0; x0 < target.width; x0 += CELL) {
      const [a, b, c, d] = [
        [x0, y0],
        [x0 + CELL, y0],
        [x0, y0 + CELL],
        [x0 + CELL, y0 + CELL],
      ].map(([x, y]) => {
        const { raDeg, decDeg } = pixelToSky(wcs, x, y);
        return skyToPixel(source.wcs, raDeg, decDeg);
      });
      if (!a || !b || !c || !d) continue;
      const area = Math.abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)) / (CELL * CELL);
      for (let k = 0; k < Math.min(CELL, target.height - y0); k++) {
        const v = k / CELL;
        const [startX, startY] = [a.x + v * (c.x - a.x), a.y + v * (c.y - a.y)];
        const stepX = whole((b.x + v * (d.x - b.x) - startX) / CELL);
        const stepY = whole((b.y + v * (d.y - b.y) - startY) / CELL);
        let [x, y] = [whole(startX), whole(startY)];
        for (let n = 0; n < Math.min(CELL, target.width - x0); n++, x += stepX, y += stepY)
          warpPixel(target, source, x0 + n, y0 + k, x, y, area);
      }
    }
  }
}

/** Positions are multiples of 2^-32. */
function whole(position: number): number {
  return Math.trunc(position * 2 ** 32) / 2 ** 32;
}

function warpPixel(
  target: Target,
  source: Source,
  atX: number,
  atY: number,
  x: number,
  y: number,
  area: number,
): void {
  const at = atY * target.width + atX;
  if ((target.mask[at] & MASK.NO_DATA) === 0) return;
  const value = lanczosAt(source.image, source.width, source.height, x, y);
  const nearest = nearestOf(y) * source.width + nearestOf(x);
  if (Number.isNaN(value) || (source.mask[nearest] & MASK.NO_DATA) !== 0) return;
  target.image[at] = value * area;
  target.mask[at] = (target.mask[at] & ~MASK.NO_DATA) | (source.mask[nearest] & (MASK.SAT | MASK.BAD));
  const coarse = (atY >> 1) * Math.ceil(target.width / 2) + (atX >> 1);
  if (target.variance[coarse] === 0) target.variance[coarse] = source.variance[nearest] * area * area;
}

/** Of the position in 1024ths of a pixel, as the weights have it. */
function nearestOf(position: number): number {
  const whole = Math.floor(position);
  return whole + (Math.floor((position - whole) * 1024 + 0.5) >= 512 ? 1 : 0);
}
