import type { Card } from '../fits/header.ts';
import type { Image } from '../fits/read.ts';
import { writeFits } from '../fits/write.ts';
import { RADIANS_A_DEGREE, tangentPlane, toPlane, toVector } from '../sky/vector.ts';
import { pixelToSky, type Wcs } from '../sky/wcs.ts';

/** Smallest and largest side of a stamp (the original's), pixels. */
const sides = { least: 30, most: 102 };

/** The square of an image that a stamp shows: detector pixel of its first corner (0-based, may be negative) and side. */
export interface StampWindow {
  readonly minX: number;
  readonly minY: number;
  readonly side: number;
}

/**
 * The window around a centroid (0-based detector pixels) of a source whose footprint has the side bboxSize: as wide as
 * the footprint, within 30 and 102 pixels, with the centroid in its middle pixel.
 */
export function stampWindow(x: number, y: number, bboxSize: number): StampWindow {
  const side = Math.min(Math.max(bboxSize, sides.least), sides.most);
  return { minX: Math.ceil(x - side / 2), minY: Math.ceil(y - side / 2), side };
}

export interface Stamp extends StampWindow {
  /** Side x side, row by row, nJy. */
  readonly pixels: Float32Array;
  /** Of the pixels, nJy squared. */
  readonly variance: Float32Array;
  /** The PSF at the source, summing to 1. */
  readonly psf: { readonly width: number; readonly height: number; readonly pixels: Float64Array };
  /** Of the detector. */
  readonly wcs: Wcs;
  /** Centroid of the source, 0-based detector pixels. */
  readonly x: number;
  readonly y: number;
  /** Position angle of the focal plane's +Y, north through east, degrees; as in the raw's ROTPA. Absent where unknown. */
  readonly rotPaDeg?: number;
}

/**
 * A stamp as the FITS file that an alert carries, which astropy's CCDData reads: image (BUNIT nJy), UNCERT with the
 * variance, PSFIMAGE. Coordinates are a tangent plane at the source. CUTMINX and CUTMINY are the original's: the
 * detector pixel (0-based) is CUTMIN plus the stamp's FITS pixel (1-based), as its published stamps show.
 */
export function packStamp(stamp: Stamp): Uint8Array {
  const { side, pixels, variance, psf } = stamp;
  return writeFits([
    { header: primaryCards(stamp), image: { width: side, height: side, pixels } },
    { header: uncertaintyCards, image: { width: side, height: side, pixels: variance } },
    { header: [card('EXTNAME', 'PSFIMAGE', 'extension name')], image: psf satisfies Image },
  ]);
}

const card = (keyword: string, value: string | number, comment: string): Card => ({
  keyword,
  value,
  comment,
});

const uncertaintyCards: readonly Card[] = [
  card('EXTNAME', 'UNCERT', 'extension name'),
  card('UTYPE', 'VarianceUncertainty', 'what the pixels are, by astropy'),
];

function primaryCards({ minX, minY, x, y, wcs, rotPaDeg }: Stamp): Card[] {
  const cutX = minX - 1;
  const cutY = minY - 1;
  const { raDeg, decDeg } = pixelToSky(wcs, x, y);
  const [pc11, pc12, pc21, pc22] = tangentMatrix(wcs, x, y);
  return [
    card('CUTMINX', cutX, '[pixel] detector column less FITS column'),
    card('CUTMINY', cutY, '[pixel] detector row less FITS row'),
    ...(rotPaDeg === undefined ? [] : [card('ROTPA', rotPaDeg, '[deg] position angle of focal plane +Y')]),
    card('BUNIT', 'nJy', 'unit of the pixels'),
    card('WCSAXES', 2, 'coordinate axes'),
    card('CTYPE1', 'RA---TAN', 'right ascension, tangent plane'),
    card('CTYPE2', 'DEC--TAN', 'declination, tangent plane'),
    card('CRPIX1', x - cutX, '[pixel] reference column: the source'),
    card('CRPIX2', y - cutY, '[pixel] reference row: the source'),
    card('PC1_1', pc11, '[deg/pixel]'),
    card('PC1_2', pc12, '[deg/pixel]'),
    card('PC2_1', pc21, '[deg/pixel]'),
    card('PC2_2', pc22, '[deg/pixel]'),
    card('CDELT1', 1, 'scale is in PCi_j'),
    card('CDELT2', 1, 'scale is in PCi_j'),
    card('CUNIT1', 'deg', 'unit of CRVAL1'),
    card('CUNIT2', 'deg', 'unit of CRVAL2'),
    card('CRVAL1', raDeg, '[deg] right ascension of the source'),
    card('CRVAL2', decDeg, '[deg] declination of the source'),
    card('RADESYS', 'ICRS', 'celestial frame'),
  ];
}

/** Derivatives of the tangent plane's (xi, eta) at a pixel by column and row: xi_x, xi_y, eta_x, eta_y in deg/pixel. */
function tangentMatrix(wcs: Wcs, x: number, y: number): [number, number, number, number] {
  const centre = pixelToSky(wcs, x, y);
  const plane = tangentPlane(centre.raDeg, centre.decDeg);
  const onPlane = (column: number, row: number): { xi: number; eta: number } => {
    const { raDeg, decDeg } = pixelToSky(wcs, column, row);
    const point = toPlane(plane, toVector(raDeg, decDeg));
    if (point) return point;
    throw new RangeError(
      `The coordinates at pixel (${x}, ${y}) are of no image: its neighbour is 90 degrees away.`,
    );
  };
  const [left, right, below, above] = [
    onPlane(x - 1, y),
    onPlane(x + 1, y),
    onPlane(x, y - 1),
    onPlane(x, y + 1),
  ];
  const slope = (high: number, low: number): number => (high - low) / (2 * RADIANS_A_DEGREE);
  return [
    slope(right.xi, left.xi),
    slope(above.xi, below.xi),
    slope(right.eta, left.eta),
    slope(above.eta, below.eta),
  ];
}
