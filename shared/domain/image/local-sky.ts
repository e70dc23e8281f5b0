import { pixelToSky, skyToPixel, type Wcs } from '../sky/wcs.ts';

/** The sky around one pixel as a plane: arcseconds east and north for each pixel of x and y. */
export interface LocalSky {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly eastX: number;
  readonly eastY: number;
  readonly northX: number;
  readonly northY: number;
  /** Arcseconds a pixel, geometric mean. */
  readonly scale: number;
}

export function localSky(wcs: Wcs, x: number, y: number): LocalSky {
  const { raDeg, decDeg } = pixelToSky(wcs, x, y);
  // "Pixels" of this plane are the arcseconds of a tangent plane at the position.
  const plane: Wcs = { crvalDeg: [raDeg, decDeg], crpix: [0, 0], cd: [1 / 3600, 0, 0, 1 / 3600] };
  const offset = (px: number, py: number): { x: number; y: number } => {
    const sky = pixelToSky(wcs, px, py);
    return skyToPixel(plane, sky.raDeg, sky.decDeg) ?? { x: Number.NaN, y: Number.NaN };
  };
  const [right, left, up, down] = [offset(x + 1, y), offset(x - 1, y), offset(x, y + 1), offset(x, y - 1)];
  const [eastX, northX, eastY, northY] = [
    (right.x - left.x) / 2,
    (right.y - left.y) / 2,
    (up.x - down.x) / 2,
    (up.y - down.y) / 2,
  ];
  return {
    raDeg,
    decDeg,
    eastX,
    eastY,
    northX,
    northY,
    scale: Math.sqrt(Math.abs(eastX * northY - eastY * northX)),
  };
}

/** Position angle, north through east, degrees in [0, 360), of a direction in pixels. */
export function bearingDeg(sky: LocalSky, dx: number, dy: number): number {
  const east = sky.eastX * dx + sky.eastY * dy;
  const north = sky.northX * dx + sky.northY * dy;
  return ((Math.atan2(east, north) * 180) / Math.PI + 360) % 360;
}

/** Errors of ra (times cos dec) and dec in degrees and their covariance in deg², from those in pixels. */
export function skyErrors(
  sky: LocalSky,
  xErr: number,
  yErr: number,
  xyCov: number,
): { raErr: number; decErr: number; raDecCov: number } {
  const [vx, vy] = [xErr * xErr, yErr * yErr];
  const quadratic = (a: number, b: number, c: number, d: number): number =>
    a * c * vx + b * d * vy + (a * d + b * c) * xyCov;
  const unit = 1 / 3600;
  return {
    raErr: Math.sqrt(Math.max(0, quadratic(sky.eastX, sky.eastY, sky.eastX, sky.eastY))) * unit,
    decErr: Math.sqrt(Math.max(0, quadratic(sky.northX, sky.northY, sky.northX, sky.northY))) * unit,
    raDecCov: quadratic(sky.eastX, sky.eastY, sky.northX, sky.northY) * unit * unit,
  };
}
