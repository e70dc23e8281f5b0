import { type Hdu, hduNamed } from '../fits/read.ts';
import { pixelToSky, skyToPixel, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { lanczosAt } from './lanczos.ts';
import { MASK, type MaskedImage } from './masked-image.ts';
import { ImageRefused } from './refusal.ts';

/** A tile of the template in its own pixels, nJy. */
export interface TemplateTile {
  readonly image: MaskedImage;
  readonly wcs: Wcs;
}

/** Reads a tile with the HDUs IMAGE, VARIANCE and perhaps MASK (afw's bits; SAT and BAD count). */
export function readTemplateTile(hdus: Hdu[]): TemplateTile {
  const imageHdu = hduNamed(hdus, 'IMAGE');
  const variance = hduNamed(hdus, 'VARIANCE')?.image;
  if (imageHdu?.image === undefined || variance === undefined) {
    throw new ImageRefused('a template tile lacks its IMAGE or VARIANCE');
  }
  const { width, height, pixels } = imageHdu.image;
  const bits = hduNamed(hdus, 'MASK')?.image?.pixels;
  const tile: MaskedImage = {
    width,
    height,
    image: Float32Array.from(pixels),
    variance: Float32Array.from(variance.pixels),
    mask: bits === undefined ? new Uint16Array(width * height) : Uint16Array.from(bits),
  };
  for (let i = 0; i < tile.image.length; i++) {
    if (Number.isFinite(tile.image[i]) && tile.variance[i] > 0) continue;
    tile.image[i] = 0;
    tile.variance[i] = 0;
    tile.mask[i] |= MASK.NO_DATA;
  }
  return { image: tile, wcs: wcsFromHeader(imageHdu.header) };
}

/** Side of the grid on which source positions are exact; between nodes they are bilinear, within 3e-4 px for SIP. */
const GRID = 16;

/**
 * Warps a tile into `target` (pixels of `wcs`) by Lanczos3, where the target has no data yet, and clears NO_DATA there.
 * Values scale with the pixels' area, so that fluxes keep. Variance is taken from the nearest pixel: the covariance
 * that Lanczos makes is put back when the noise is rescaled on the difference.
 */
export function warpInto(target: MaskedImage, wcs: Wcs, tile: TemplateTile): void {
  const cells = cellsUnder(target, wcs, tile);
  const columns = cells.right - cells.left + 1;
  let below = nodeRow(wcs, tile.wcs, cells.left, columns, cells.bottom);
  for (let j = cells.bottom; j < cells.top; j++) {
    const above = nodeRow(wcs, tile.wcs, cells.left, columns, j + 1);
    for (let k = 0; k + 1 < columns; k++) {
      const [a, b, c, d] = [below[k], below[k + 1], above[k], above[k + 1]];
      if (a === undefined || b === undefined || c === undefined || d === undefined) continue;
      warpCell(target, tile.image, (cells.left + k) * GRID, j * GRID, [a, b, c, d]);
    }
    below = above;
  }
}

/** Grid cells of the target that the tile may reach: the bounds of its border, projected. */
function cellsUnder(target: MaskedImage, wcs: Wcs, { image: { width, height }, wcs: tileWcs }: TemplateTile) {
  const steps = 16;
  const border = Array.from({ length: steps + 1 }, (_, k) => k / steps).flatMap((t) => [
    [t * width, 0],
    [t * width, height],
    [0, t * height],
    [width, t * height],
  ]);
  const points = border.flatMap(([x, y]) => {
    const { raDeg, decDeg } = pixelToSky(tileWcs, x, y);
    return skyToPixel(wcs, raDeg, decDeg) ?? [];
  });
  const bounds = (values: number[], size: number): [number, number] => {
    const first = Math.max(0, Math.floor(Math.min(...values) / GRID));
    return [first, Math.max(first, Math.min(Math.ceil(size / GRID), Math.ceil(Math.max(...values) / GRID)))];
  };
  const [left, right] = bounds(
    points.map(({ x }) => x),
    target.width,
  );
  const [bottom, top] = bounds(
    points.map(({ y }) => y),
    target.height,
  );
  return points.length < 3 ? { left: 0, right: 0, bottom: 0, top: 0 } : { left, right, bottom, top };
}

/** Exact positions on the tile of a row of grid nodes. */
function nodeRow(wcs: Wcs, tileWcs: Wcs, left: number, columns: number, row: number): (Point | undefined)[] {
  return Array.from({ length: columns }, (_, k) => {
    const { raDeg, decDeg } = pixelToSky(wcs, (left + k) * GRID, row * GRID);
    return skyToPixel(tileWcs, raDeg, decDeg);
  });
}

type Corners = [Point, Point, Point, Point];
interface Point {
  readonly x: number;
  readonly y: number;
}

function warpCell(
  target: MaskedImage,
  source: MaskedImage,
  x0: number,
  y0: number,
  [a, b, c, d]: Corners,
): void {
  const area = Math.abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)) / (GRID * GRID);
  const rows = Math.min(GRID, target.height - y0);
  const columns = Math.min(GRID, target.width - x0);
  for (let j = 0; j < rows; j++) {
    const v = j / GRID;
    for (let i = 0; i < columns; i++) {
      const at = (y0 + j) * target.width + x0 + i;
      if ((target.mask[at] & MASK.NO_DATA) === 0) continue;
      const u = i / GRID;
      const x = (1 - v) * ((1 - u) * a.x + u * b.x) + v * ((1 - u) * c.x + u * d.x);
      const y = (1 - v) * ((1 - u) * a.y + u * b.y) + v * ((1 - u) * c.y + u * d.y);
      const value = lanczosAt(source.image, source.width, source.height, x, y);
      if (Number.isNaN(value)) continue;
      const nearest = Math.round(y) * source.width + Math.round(x);
      const bits = source.mask[nearest];
      if ((bits & MASK.NO_DATA) !== 0) continue;
      target.image[at] = value * area;
      target.variance[at] = source.variance[nearest] * area * area;
      target.mask[at] = bits & (MASK.SAT | MASK.BAD);
    }
  }
}

/** Fraction of the pixels that have data. */
export function coverage({ mask }: MaskedImage): number {
  let covered = 0;
  for (let i = 0; i < mask.length; i++) if ((mask[i] & MASK.NO_DATA) === 0) covered++;
  return covered / mask.length;
}
