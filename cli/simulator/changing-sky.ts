import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { perBand, scaledColours } from './colours.ts';
import { nominalDepth, type PerBand } from './passbands.ts';
import { type Random, randomStream } from './random.ts';
import { type Cell, cellsInDisc, type Disc, offsetBy } from './sky-cells.ts';
import { type Galaxy, galaxyAt, type Star, starsIn } from './static-sky.ts';
import type { TaiMs } from './tai.ts';

/** A place where the sky changes: the same place in every visit, so that a light curve grows there. */
export interface Site {
  readonly id: string;
  readonly kind: 'supernova' | 'variable';
  readonly raDeg: number;
  readonly decDeg: number;
  /** The galaxy that it lies in. */
  readonly host?: Galaxy;
  /** What is always there: the mean flux of a variable star, in templates too. */
  readonly constant?: Star;
  /** nJy at full strength; the light curve multiplies it. */
  readonly amplitude: PerBand;
  /** Relative flux of what the template does not have, at a moment; negative where a star has faded. */
  lightCurve(moment: TaiMs): number;
}

/** A body of the solar system: it moves evenly through one night. */
export interface Asteroid {
  readonly id: string;
  readonly amplitude: PerBand;
  placeAt(moment: TaiMs): { raDeg: number; decDeg: number };
}

const DAY_MS = 86_400_000;
/** Places stay this far inside their cell: less 1.24" from the centre of a host, any two are 8" (40 pixels) apart. */
const CELL_MARGIN_DEG = 5.3 / 3600;
/** Strengths are SNR in ordinary conditions; seeing and sky move them by 20 % to either side. */
const SUPERNOVA_SNR = [13, 24.5] as const;
const VARIABLE_SNR = [16, 27] as const;
const ASTEROID_SNR = [13, 24.5] as const;
/** Stars below this (an SNR of about 10) are not avoided. */
const AVOIDED_NJY = 1300;
const ASTEROID_CELL_DEG = 3 / 60;
/** The fastest asteroid, arcsec per minute: half an arcsecond in an exposure, a trail of 2.5 pixels. */
const ASTEROID_RATE = 1;
/** Reach of a supernova's light curve: a survey of this many days knows one generation of them. */
const SEASON_DAYS = 60;

const depth = perBand(nominalDepth);

/** The sites within the disc; one for most cells of `spacingDeg`. `origin`: the start of the first night. */
export function sitesIn(seed: number, disc: Disc, spacingDeg: number, origin: TaiMs): Site[] {
  const around = { ...disc, radiusDeg: disc.radiusDeg + 1.5 * spacingDeg + 0.005 };
  const stars = starsIn(seed, around).filter((star) => brightest(star) > AVOIDED_NJY);
  return cellsInDisc(disc, spacingDeg).flatMap((cell) => siteOfCell(seed, cell, stars, origin) ?? []);
}

function siteOfCell(seed: number, cell: Cell, stars: readonly Star[], origin: TaiMs): Site | undefined {
  const draw = randomStream(seed, 'site', cell.row, cell.column);
  const choice = draw.uniform();
  const place = clearPlace(draw, cell, stars);
  if (choice > 0.9 || !place) return undefined;
  const id = `${cell.row}-${cell.column}`;
  if (choice < 0.43) return hostedSupernova(draw, `N${id}`, place, origin);
  if (choice < 0.66) return { id: `N${id}`, ...place, ...supernova(draw, origin) };
  return variable(draw, `V${id}`, place, origin);
}

/** Away from stars: 1.6" from faint ones, 3" from those of 20 mag, 12.5" from the brightest. */
function clearPlace(draw: Random, cell: Cell, stars: readonly Star[]) {
  for (let attempt = 0; attempt < 20; attempt++) {
    const margin = CELL_MARGIN_DEG / Math.cos((cell.decDeg[0] * Math.PI) / 180);
    const raDeg = draw.between(cell.raDeg[0] + margin, cell.raDeg[1] - margin);
    const decDeg = draw.between(cell.decDeg[0] + CELL_MARGIN_DEG, cell.decDeg[1] - CELL_MARGIN_DEG);
    if (stars.every((star) => isClear(star, raDeg, decDeg))) return { raDeg, decDeg };
  }
  return undefined;
}

function isClear(star: Star, raDeg: number, decDeg: number): boolean {
  if (Math.abs(star.decDeg - decDeg) > 13 / 3600) return true;
  const fluxNjy = brightest(star);
  const reachArcsec = fluxNjy > 1e5 ? 12.5 : fluxNjy > 3e4 ? 3 : 1.6;
  return separationArcsec(star.raDeg, star.decDeg, raDeg, decDeg) > reachArcsec;
}

function brightest({ flux }: Star): number {
  return Math.max(flux.g, flux.r, flux.i);
}

/** Rises in 15 days and declines in 35; full strength is what it has when the survey begins. */
function supernova(draw: Random, origin: TaiMs): Pick<Site, 'kind' | 'amplitude' | 'lightCurve'> {
  const startDays = draw.between(-12, 15);
  const shape = (days: number) => (days < 0 ? Math.exp(-((days / 11) ** 2)) : Math.exp(-days / 35));
  const daysAt = (moment: TaiMs) => startDays + (((moment - origin) / DAY_MS) % SEASON_DAYS);
  return {
    kind: 'supernova',
    amplitude: scaledColours(draw, depth, draw.between(...SUPERNOVA_SNR)),
    lightCurve: (moment) => shape(daysAt(moment)) / shape(startDays),
  };
}

/** Its host is a faint galaxy whose own light adds little noise; it lies within a half-light radius. */
function hostedSupernova(
  draw: Random,
  id: string,
  place: { raDeg: number; decDeg: number },
  origin: TaiMs,
): Site {
  const host = galaxyAt(draw, `H${id}`, place, 600 * 12 ** draw.uniform());
  const radius = host.radiusArcsec * Math.sqrt(draw.uniform());
  const angle = draw.between(0, 2 * Math.PI);
  const at = offsetBy(place.raDeg, place.decDeg, radius * Math.cos(angle), radius * Math.sin(angle));
  return { id, ...at, host, ...supernova(draw, origin) };
}

/** A star that varies evenly about its mean with a period of 0.2 to 8 days: brighter and fainter than its template. */
function variable(draw: Random, id: string, place: { raDeg: number; decDeg: number }, origin: TaiMs): Site {
  const amplitude = scaledColours(draw, depth, draw.between(...VARIABLE_SNR));
  const meanRatio = draw.between(1.3, 2.5);
  const periodDays = 0.2 * 40 ** draw.uniform();
  const phase = draw.uniform();
  return {
    id,
    kind: 'variable',
    ...place,
    constant: { id, ...place, flux: perBand((band) => amplitude[band] * meanRatio) },
    amplitude,
    lightCurve: (moment) => Math.sin(2 * Math.PI * (phase + (moment - origin) / DAY_MS / periodDays)),
  };
}

/** The asteroids that may be within the disc at some time of the night that begins at `nightStart`. */
export function asteroidsIn(seed: number, disc: Disc, nightStart: TaiMs): Asteroid[] {
  const reach = { ...disc, radiusDeg: disc.radiusDeg + (ASTEROID_RATE * 600) / 3600 };
  return cellsInDisc(reach, ASTEROID_CELL_DEG).map((cell) => {
    const draw = randomStream(seed, 'asteroid', nightStart, cell.row, cell.column);
    const raDeg = draw.between(...cell.raDeg);
    const decDeg = draw.between(...cell.decDeg);
    const rate = ASTEROID_RATE * draw.between(0.3, 1);
    const angle = draw.between(0, 2 * Math.PI);
    return {
      id: `A${nightStart / 1000}-${cell.row}-${cell.column}`,
      amplitude: scaledColours(draw, depth, draw.between(...ASTEROID_SNR)),
      placeAt(moment: TaiMs) {
        const path = rate * ((moment - nightStart) / 60_000);
        return offsetBy(raDeg, decDeg, path * Math.cos(angle), path * Math.sin(angle));
      },
    };
  });
}
