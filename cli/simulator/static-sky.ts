import { galaxyColours, starColours } from './colours.ts';
import type { PerBand } from './passbands.ts';
import { type Random, randomStream } from './random.ts';
import { type Cell, cellsInDisc, type Disc } from './sky-cells.ts';

export interface Star {
  readonly id: string;
  readonly raDeg: number;
  readonly decDeg: number;
  /** nJy. */
  readonly flux: PerBand;
}

/** A galaxy of equal points, so that it is exact under any point-spread function. */
export interface Galaxy extends Star {
  /** Half-light radius, arcsec. */
  readonly radiusArcsec: number;
  /** Offsets of its points from the centre in arcsec: east, north, east, north, ... */
  readonly points: Float64Array;
}

const CELL_DEG = 2 / 60;
/**
 * Stars: N(>F) is a power law broken at 22 mag in r. 11.5 stars/arcmin^2 above the break put about 80 stars
 * between SNR 50 and saturation on a 3.4' detector and one or two above it; 17.4 mag is the brightest, whose
 * bleed (tens of rows) stays within the 60 pixels that scoring leaves out around saturated stars.
 */
const STARS = { atBreak: 11.5, breakNjy: 5500, bright: 0.8, faint: 0.45, minNjy: 150, maxNjy: 4e6 };
/** Galaxies: N(>F) per arcmin^2 = 22 (F / 275 nJy)^-1.1. */
const GALAXIES = { density: 22, minNjy: 275, slope: 1.1, maxNjy: 5e5 };
const POINTS_A_GALAXY = 24;

/** All stars of the cells that touch the disc (some lie outside it). */
export function starsIn(seed: number, disc: Disc): Star[] {
  return cellsInDisc(disc, CELL_DEG).flatMap((cell) => starsOfCell(seed, cell));
}

/** All galaxies of the cells that touch the disc. */
export function galaxiesIn(seed: number, disc: Disc): Galaxy[] {
  return cellsInDisc(disc, CELL_DEG).flatMap((cell) => galaxiesOfCell(seed, cell));
}

function starsOfCell(seed: number, cell: Cell): Star[] {
  const draw = randomStream(seed, 'stars', cell.row, cell.column);
  const { atBreak, breakNjy, bright, faint, minNjy, maxNjy } = STARS;
  const fewest = atBreak * (maxNjy / breakNjy) ** -bright;
  const most = atBreak * (minNjy / breakNjy) ** -faint;
  const count = draw.poisson((most - fewest) * cell.areaArcmin2);
  return Array.from({ length: count }, (_, index) => {
    const rank = draw.between(fewest, most) / atBreak;
    const fluxR = breakNjy * rank ** (-1 / (rank < 1 ? bright : faint));
    const flux = starColours(draw, fluxR);
    return { id: `S${cell.row}-${cell.column}-${index}`, ...placeIn(draw, cell), flux };
  });
}

function galaxiesOfCell(seed: number, cell: Cell): Galaxy[] {
  const draw = randomStream(seed, 'galaxies', cell.row, cell.column);
  const { density, minNjy, slope, maxNjy } = GALAXIES;
  return Array.from({ length: draw.poisson(density * cell.areaArcmin2) }, (_, index) => {
    const fluxR = Math.min(maxNjy, minNjy * (1 - draw.uniform()) ** (-1 / slope));
    const id = `G${cell.row}-${cell.column}-${index}`;
    return galaxyAt(draw, id, placeIn(draw, cell), fluxR);
  });
}

/** An exponential disc, inclined, with a half-light radius of 0.24" to 1.24". */
export function galaxyAt(
  draw: Random,
  id: string,
  place: { raDeg: number; decDeg: number },
  fluxR: number,
): Galaxy {
  const radiusArcsec = 0.24 + draw.uniform() * draw.uniform();
  const scale = radiusArcsec / 1.678;
  const axisRatio = draw.between(0.3, 1);
  const angle = draw.between(0, Math.PI);
  const points = new Float64Array(2 * POINTS_A_GALAXY);
  for (let at = 0; at < points.length; at += 2) {
    const radius = -scale * Math.log((1 - draw.uniform()) * (1 - draw.uniform()));
    const around = draw.between(0, 2 * Math.PI);
    const major = radius * Math.cos(around);
    const minor = radius * Math.sin(around) * axisRatio;
    points[at] = major * Math.cos(angle) - minor * Math.sin(angle);
    points[at + 1] = major * Math.sin(angle) + minor * Math.cos(angle);
  }
  return { id, ...place, flux: galaxyColours(draw, fluxR), radiusArcsec, points };
}

/** A position drawn evenly over the cell. */
function placeIn(draw: Random, cell: Cell): { raDeg: number; decDeg: number } {
  const [south, north] = cell.decDeg.map((dec) => Math.sin((dec * Math.PI) / 180));
  return {
    raDeg: draw.between(...cell.raDeg),
    decDeg: (Math.asin(draw.between(south, north)) * 180) / Math.PI,
  };
}
