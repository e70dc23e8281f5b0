import type { OpenHdu } from '../fits/open.ts';
import { hduNamed } from '../fits/read.ts';
import { pixelToSky, skyToPixel, type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { lanczosTable } from './lanczos.ts';
import { MASK } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import { ImageRefused } from './refusal.ts';
import type { TemplateImage } from './sky-images.ts';
import type { Workspace } from './workspace.ts';

/** Rows of one of a tile's planes, read when they are needed. */
export interface TileRows {
  /** Rows [y0, y1) to `out` from its first element on. */
  read(y0: number, y1: number, out: Float32Array | Uint16Array): void;
}

/** A tile of the template in its own pixels and unit. */
export interface TemplateTile {
  readonly width: number;
  readonly height: number;
  readonly wcs: Wcs;
  /** NaN where there is no data. */
  readonly image: TileRows;
  readonly variance: TileRows;
  /** afw's bits, of which SAT, BAD and NO_DATA count. */
  readonly mask?: TileRows;
}

/** A tile of a FITS file with the HDUs IMAGE, VARIANCE and perhaps MASK. Nothing is decoded yet. */
export function openTemplateTile(hdus: readonly OpenHdu[]): TemplateTile {
  const own = hduNamed(hdus, 'IMAGE');
  const variance = hduNamed(hdus, 'VARIANCE')?.image;
  const mask = hduNamed(hdus, 'MASK')?.image;
  if (own?.image === undefined || variance === undefined) {
    throw new ImageRefused('a template tile lacks its IMAGE or VARIANCE');
  }
  const { width, height } = own.image;
  for (const plane of [variance, mask]) {
    if (plane !== undefined && (plane.width !== width || plane.height !== height))
      throw new ImageRefused("a template tile's planes are not of one size");
  }
  return { width, height, wcs: wcsFromHeader(own.header), image: own.image, variance, mask };
}

/** A plane in memory as rows. */
export function planeRows(plane: Float32Array | Uint16Array, width: number): TileRows {
  return { read: (y0, y1, out) => out.set(plane.subarray(y0 * width, y1 * width)) };
}

/** A template without any data yet. */
export function blankTemplate(workspace: Workspace, width: number, height: number): TemplateImage {
  const columns = Math.ceil(width / 2);
  const image = workspace.floats(width * height).fill(0);
  const variance = workspace.floats(columns * Math.ceil(height / 2)).fill(0);
  const mask = workspace.words(width * height).fill(MASK.NO_DATA);
  const varianceAt = (x: number, y: number): number => variance[(y >> 1) * columns + (x >> 1)];
  return { width, height, image, variance, mask, varianceAt };
}

/**
 * Side of the cells at whose corners source positions are exact; between they are bilinear: 4e-10 px off between tangent
 * planes, 3e-4 px where a distortion has terms of 1e-6 a pixel.
 */
const CELL = 32;

/** Rows of cells that are done at a time, of whose part of the tile alone the pixels are decoded. */
const BAND = 16;

/**
 * Warps a tile into `target` (pixels of `wcs`) by Lanczos3, where the target has no data yet, and clears NO_DATA there.
 * Values scale with the pixels' area, so that fluxes keep. Variance, SAT and BAD are taken from the nearest pixel: the
 * covariance that Lanczos makes is put back when the noise is rescaled on the difference.
 */
export function warpTile(workspace: Workspace, target: TemplateImage, wcs: Wcs, tile: TemplateTile): void {
  const cells = cellsUnder(target, wcs, tile);
  if (cells === undefined) return;
  const grid = gridOf(workspace, cells, wcs, tile.wcs);
  const table = workspace.floats(lanczosTable().length);
  table.set(lanczosTable());
  for (const [from, to] of bandsOf(grid, tile)) {
    const span = rowsUnder(grid, from, to, tile);
    if (span !== undefined) warpBand(workspace, target, tile, grid, table, [from, to], span);
  }
  workspace.release(grid.nodes, table);
}

/** Corners of cells on the tile: pairs of (x, y), NaN beyond the horizon. */
interface Grid {
  readonly nodes: Float64Array;
  readonly columns: number;
  readonly rows: number;
  readonly left: number;
  readonly bottom: number;
}

interface Cells {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  readonly top: number;
}

/** Cells of the target that the tile may reach: the bounds of its border, projected. */
function cellsUnder(
  target: SkyPlane,
  wcs: Wcs,
  { width, height, wcs: own }: TemplateTile,
): Cells | undefined {
  const steps = 16;
  const points = Array.from({ length: steps + 1 }, (_, k) => k / steps)
    .flatMap((t) => [
      [t * width, 0],
      [t * width, height],
      [0, t * height],
      [width, t * height],
    ])
    .flatMap(([x, y]) => {
      const { raDeg, decDeg } = pixelToSky(own, x, y);
      return skyToPixel(wcs, raDeg, decDeg) ?? [];
    });
  const bounds = (values: number[], size: number): [number, number] => [
    Math.max(0, Math.floor(Math.min(...values) / CELL)),
    Math.min(Math.ceil(size / CELL), Math.ceil(Math.max(...values) / CELL)),
  ];
  const [left, right] = bounds(
    points.map(({ x }) => x),
    target.width,
  );
  const [bottom, top] = bounds(
    points.map(({ y }) => y),
    target.height,
  );
  return left < right && bottom < top ? { left, right, bottom, top } : undefined;
}

function gridOf(workspace: Workspace, { left, right, bottom, top }: Cells, wcs: Wcs, tileWcs: Wcs): Grid {
  const columns = right - left + 1;
  const rows = top - bottom + 1;
  const nodes = workspace.doubles(2 * columns * rows);
  for (let j = 0, at = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++, at += 2) {
      const { raDeg, decDeg } = pixelToSky(wcs, (left + i) * CELL, (bottom + j) * CELL);
      const point = skyToPixel(tileWcs, raDeg, decDeg);
      nodes[at] = point?.x ?? Number.NaN;
      nodes[at + 1] = point?.y ?? Number.NaN;
    }
  }
  return { nodes, columns, rows, left, bottom };
}

/** Rows of cells to do at a time: all, where a tile is turned so far that a band needs most of its rows anyway. */
function bandsOf(grid: Grid, tile: TemplateTile): [number, number][] {
  const bands: [number, number][] = [];
  for (let from = 0; from < grid.rows - 1; from += BAND)
    bands.push([from, Math.min(from + BAND, grid.rows - 1)]);
  const read = bands.reduce((sum, [from, to]) => {
    const [bottom, top] = rowsUnder(grid, from, to, tile) ?? [0, 0];
    return sum + top - bottom;
  }, 0);
  return read > 2 * tile.height ? [[0, grid.rows - 1]] : bands;
}

/** Rows of the tile that cells [from, to) need, with Lanczos's three around them. */
function rowsUnder(
  { nodes, columns }: Grid,
  from: number,
  to: number,
  { height }: TemplateTile,
): [number, number] | undefined {
  let [bottom, top] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 2 * from * columns + 1; at < 2 * (to + 1) * columns; at += 2) {
    if (Number.isNaN(nodes[at])) continue;
    bottom = Math.min(bottom, nodes[at]);
    top = Math.max(top, nodes[at]);
  }
  bottom = Math.max(0, Math.floor(bottom) - 3);
  top = Math.min(height, Math.ceil(top) + 5);
  return bottom < top ? [bottom, top] : undefined;
}

function warpBand(
  workspace: Workspace,
  target: TemplateImage,
  tile: TemplateTile,
  grid: Grid,
  table: Float32Array,
  [from, to]: [number, number],
  [bottom, top]: [number, number],
): void {
  const size = (top - bottom) * tile.width;
  const [image, variance, mask] = [workspace.floats(size), workspace.floats(size), workspace.words(size)];
  tile.image.read(bottom, top, image);
  tile.variance.read(bottom, top, variance);
  if (tile.mask === undefined) mask.fill(0);
  else tile.mask.read(bottom, top, mask);
  workspace.strips('markMissingRows', top - bottom, [
    ...[image.byteOffset, variance.byteOffset, mask.byteOffset, tile.width],
  ]);
  const firstNode = grid.nodes.byteOffset + 16 * from * grid.columns;
  workspace.strips('warpRows', to - from, [
    ...[target.image, target.variance, target.mask].map(({ byteOffset }) => byteOffset),
    ...[target.width, target.height],
    ...[image.byteOffset, variance.byteOffset, mask.byteOffset, tile.width, bottom, top - bottom],
    ...[firstNode, grid.columns, grid.left, grid.bottom + from, table.byteOffset],
  ]);
  workspace.release(image, variance, mask);
}

/** Fraction of the pixels that have data. */
export function coverage(mask: Uint16Array): number {
  let covered = 0;
  for (let i = 0; i < mask.length; i++) if ((mask[i] & MASK.NO_DATA) === 0) covered++;
  return covered / mask.length;
}
