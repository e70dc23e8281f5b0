import {
  boundingCircle,
  dot,
  type Polygon,
  polygonsOverlap,
  RADIANS_A_DEGREE,
  toRaDec,
  toVector,
} from './vector.ts';
import { pixelToSky, shiftWcs, skyToPixel, type Wcs } from './wcs.ts';

/**
 * Our tiling of the sky for templates. Rings of equal height in declination are cut into cells of about their own
 * height; a tract is a tangent projection about the centre of a cell. Its pixels are cut into squares, and a patch is
 * such a square with a border, so that an image can be resampled from it up to the edge of the square.
 */
export interface Patch {
  readonly tract: number;
  /** Row * 31 + column of the tract, from the lower left. */
  readonly patch: number;
  /** Coordinates of the patch's own pixels, its border included. */
  readonly wcs: Wcs;
  readonly width: number;
  readonly height: number;
}

const RING_DEG = 1.5;
const RINGS = 180 / RING_DEG;
const PIXEL_DEG = 0.2 / 3600;
const SQUARE_PX = 1000;
const BORDER_PX = 50;
const PATCH_PX = SQUARE_PX + 2 * BORDER_PX;
/** Squares along a side of a tract: 31 of 1000 pixels are 1.72 degrees, a cell with its bulge near the poles. */
const SIDE = 31;
/** From the centre to a corner of a square, and of a tract. */
const SQUARE_RADIUS_DEG = (SQUARE_PX / Math.SQRT2) * PIXEL_DEG;
const TRACT_RADIUS_DEG = SIDE * SQUARE_RADIUS_DEG;

const rings = Array.from({ length: RINGS }, (_, ring) => {
  const lower = -90 + ring * RING_DEG;
  const nearestEquator = Math.min(Math.abs(lower), Math.abs(lower + RING_DEG));
  const cells = Math.ceil((360 * Math.cos(nearestEquator * RADIANS_A_DEGREE)) / RING_DEG);
  return { decDeg: lower + RING_DEG / 2, cells, cellDeg: 360 / cells };
});
/** Number of the first tract of each ring. */
const firstTract = rings.map((_, ring) => rings.slice(0, ring).reduce((sum, { cells }) => sum + cells, 0));
const TRACTS = firstTract[RINGS - 1] + rings[RINGS - 1].cells;

/** The patch whose square has a position: each position has one, though it may be in the border of others too. */
export function patchAt(raDeg: number, decDeg: number): Patch {
  const ring = Math.min(RINGS - 1, Math.floor((decDeg + 90) / RING_DEG));
  const { cells, cellDeg } = rings[ring];
  const cell = Math.min(cells - 1, Math.floor((((raDeg % 360) + 360) % 360) / cellDeg));
  const tract = firstTract[ring] + cell;
  const pixel = skyToPixel(tractWcs(tract), raDeg, decDeg);
  if (!pixel) throw new RangeError(`(${raDeg}, ${decDeg}) is no position.`);
  return patchOf(tract, squareOf(pixel.y) * SIDE + squareOf(pixel.x));
}

/** All patches whose square has a point of the polygon, and at the rim of a cell sometimes a neighbour. */
export function patchesOverlapping(polygon: Polygon): Patch[] {
  return tractsNear(polygon).flatMap((tract) => {
    const wcs = tractWcs(tract);
    const corners = polygon.map((v) => {
      const { raDeg, decDeg } = toRaDec(v);
      return skyToPixel(wcs, raDeg, decDeg);
    });
    if (corners.includes(undefined))
      throw new RangeError('The polygon is too large for templates: over 80 degrees.');
    const columns = squaresBetween(corners.map((pixel) => pixel!.x));
    const rows = squaresBetween(corners.map((pixel) => pixel!.y));
    return rows
      .flatMap((row) => columns.map((column) => row * SIDE + column))
      .filter(
        (patch) => squareReachesCell(tract, patch) && polygonsOverlap(squarePolygon(wcs, patch), polygon),
      )
      .map((patch) => patchOf(tract, patch));
  });
}

/** A patch by its numbers. Throws RangeError where there is none. */
export function patchOf(tract: number, patch: number): Patch {
  if (!Number.isInteger(patch) || patch < 0 || patch >= SIDE * SIDE) {
    throw new RangeError(`There is no patch ${patch}; a tract has 0 to ${SIDE * SIDE - 1}.`);
  }
  const { x0, y0 } = lowerLeft(patch);
  return {
    tract,
    patch,
    wcs: shiftWcs(tractWcs(tract), x0 - BORDER_PX, y0 - BORDER_PX),
    width: PATCH_PX,
    height: PATCH_PX,
  };
}

function tractWcs(tract: number): Wcs {
  const { raDeg, decDeg } = cellOf(tract);
  const centre = (SIDE * SQUARE_PX - 1) / 2;
  return { crvalDeg: [raDeg, decDeg], crpix: [centre, centre], cd: [-PIXEL_DEG, 0, 0, PIXEL_DEG] };
}

function cellOf(tract: number): { raDeg: number; decDeg: number; widthDeg: number } {
  if (!Number.isInteger(tract) || tract < 0 || tract >= TRACTS) {
    throw new RangeError(`There is no tract ${tract}; the sky has 0 to ${TRACTS - 1}.`);
  }
  const ring = firstTract.findLastIndex((first) => first <= tract);
  const { decDeg, cellDeg } = rings[ring];
  return { raDeg: (tract - firstTract[ring] + 0.5) * cellDeg, decDeg, widthDeg: cellDeg };
}

/** Tracts that may have a square in the polygon, ascending. */
function tractsNear(polygon: Polygon): number[] {
  const { centre, radius } = boundingCircle(polygon);
  const reach = radius + TRACT_RADIUS_DEG * RADIANS_A_DEGREE;
  const { decDeg } = toRaDec(centre);
  return rings.flatMap((ring, i) => {
    if (Math.abs(ring.decDeg - decDeg) * RADIANS_A_DEGREE > reach) return [];
    const tracts = Array.from({ length: ring.cells }, (_, cell) => firstTract[i] + cell);
    return tracts.filter(
      (_, cell) => dot(toVector((cell + 0.5) * ring.cellDeg, ring.decDeg), centre) >= Math.cos(reach),
    );
  });
}

/**
 * Whether the circle around a square touches the cell of its tract. Beyond, the square's sky belongs to a neighbour
 * tract, and nothing needs to be stored twice.
 */
function squareReachesCell(tract: number, patch: number): boolean {
  const cell = cellOf(tract);
  const { x0, y0 } = lowerLeft(patch);
  const centre = pixelToSky(tractWcs(tract), x0 + (SQUARE_PX - 1) / 2, y0 + (SQUARE_PX - 1) / 2);
  if (Math.abs(centre.decDeg - cell.decDeg) > RING_DEG / 2 + SQUARE_RADIUS_DEG) return false;
  const beyond = Math.abs(((centre.raDeg - cell.raDeg + 540) % 360) - 180) - cell.widthDeg / 2;
  if (beyond <= 0) return true;
  // Distance to the great circle of the meridian that bounds the cell.
  const sine = Math.cos(centre.decDeg * RADIANS_A_DEGREE) * Math.sin(Math.min(beyond, 90) * RADIANS_A_DEGREE);
  return sine <= Math.sin(SQUARE_RADIUS_DEG * RADIANS_A_DEGREE);
}

/** Corners of a square, counter-clockwise on the sky: lower right, lower left, upper left, upper right. */
function squarePolygon(wcs: Wcs, patch: number): Polygon {
  const { x0, y0 } = lowerLeft(patch);
  const corner = (x: number, y: number) => {
    const { raDeg, decDeg } = pixelToSky(wcs, x - 0.5, y - 0.5);
    return toVector(raDeg, decDeg);
  };
  const [x1, y1] = [x0 + SQUARE_PX, y0 + SQUARE_PX];
  return [corner(x1, y0), corner(x0, y0), corner(x0, y1), corner(x1, y1)];
}

const lowerLeft = (patch: number) => ({
  x0: (patch % SIDE) * SQUARE_PX,
  y0: Math.floor(patch / SIDE) * SQUARE_PX,
});

const squareOf = (pixel: number): number => Math.floor((pixel + 0.5) / SQUARE_PX);

function squaresBetween(pixels: readonly number[]): number[] {
  const first = Math.max(0, squareOf(Math.min(...pixels)));
  const last = Math.min(SIDE - 1, squareOf(Math.max(...pixels)));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => first + i);
}
