import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { pixelToSky, skyToPixel, type Wcs } from '#shared/domain/sky/wcs.ts';
import { type Canvas, type Profile, paintPoint } from './paint.ts';
import type { Band } from './passbands.ts';
import { type Disc, offsetBy } from './sky-cells.ts';
import type { SkyContents } from './sky-model.ts';
import type { Galaxy } from './static-sky.ts';

/** How an image sees the sky: its coordinates, its point-spread function, its counts for a nJy. */
export interface Optics {
  readonly wcs: Wcs;
  readonly band: Band;
  readonly countsPerNjy: number;
  /** Counts below which a source's profile is cut off. */
  readonly floor: number;
  profileAt(x: number, y: number): Profile;
}

/** The disc around an image, 5" wider. */
export function discAround(wcs: Wcs, width: number, height: number): Disc {
  const centre = pixelToSky(wcs, (width - 1) / 2, (height - 1) / 2);
  const corners = [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].map(([x, y]) => pixelToSky(wcs, x, y));
  const reach = corners.map((corner) =>
    separationArcsec(centre.raDeg, centre.decDeg, corner.raDeg, corner.decDeg),
  );
  return { ...centre, radiusDeg: (Math.max(...reach) + 5) / 3600 };
}

/** Adds what always stands in the sky: stars, variable ones at their mean, and galaxies. */
export function paintContents(canvas: Canvas, optics: Optics, { stars, galaxies }: SkyContents) {
  for (const star of stars) paintSource(canvas, optics, star, star.flux[optics.band]);
  for (const galaxy of galaxies) paintGalaxy(canvas, optics, galaxy);
}

/** Adds a point source of `fluxNjy`, which may be negative; answers where it lies. */
export function paintSource(
  canvas: Canvas,
  optics: Optics,
  { raDeg, decDeg }: { raDeg: number; decDeg: number },
  fluxNjy: number,
) {
  const place = skyToPixel(optics.wcs, raDeg, decDeg);
  if (place && isNear(canvas, place)) {
    const profile = optics.profileAt(place.x, place.y);
    paintPoint(canvas, place.x, place.y, fluxNjy * optics.countsPerNjy, profile, optics.floor);
  }
  return place;
}

function paintGalaxy(canvas: Canvas, optics: Optics, galaxy: Galaxy) {
  const { wcs } = optics;
  const centre = skyToPixel(wcs, galaxy.raDeg, galaxy.decDeg);
  if (!centre || !isNear(canvas, centre)) return;
  const eastSky = offsetBy(galaxy.raDeg, galaxy.decDeg, 1, 0);
  const northSky = offsetBy(galaxy.raDeg, galaxy.decDeg, 0, 1);
  const east = skyToPixel(wcs, eastSky.raDeg, eastSky.decDeg);
  const north = skyToPixel(wcs, northSky.raDeg, northSky.decDeg);
  if (!east || !north) return;
  const profile = optics.profileAt(centre.x, centre.y);
  const { points } = galaxy;
  const counts = (galaxy.flux[optics.band] * optics.countsPerNjy) / (points.length / 2);
  for (let at = 0; at < points.length; at += 2) {
    const x = centre.x + points[at] * (east.x - centre.x) + points[at + 1] * (north.x - centre.x);
    const y = centre.y + points[at] * (east.y - centre.y) + points[at + 1] * (north.y - centre.y);
    paintPoint(canvas, x, y, counts, profile, optics.floor);
  }
}

/** Within 150 pixels of the canvas: the brightest star's profile reaches 70. */
function isNear({ width, height }: Canvas, { x, y }: { x: number; y: number }): boolean {
  return x > -150 && y > -150 && x < width + 150 && y < height + 150;
}
