import { htmIndex } from '#shared/domain/sky/htm.ts';
import { randomStream } from './random.ts';
import type { Disc } from './sky-cells.ts';
import { starsIn } from './static-sky.ts';
import { surveyBands } from './survey-plan.ts';

/** Name of the catalogue in keys: `refcats/nightshift/{htm7}.csv`. */
export const REFERENCE_CATALOG = 'nightshift';

const HTM_LEVEL = 7;
/** The catalogue holds stars brighter than 23.1 mag in r, 18 a square arcminute. */
const FAINTEST_NJY = 2000;
const FLUX_ERROR = 0.01;
const POSITION_ERROR_ARCSEC = 0.005;

/** The shards of the reference catalogue for the stars within these discs, by HTM index. */
export function referenceShards(seed: number, discs: readonly Disc[]): Map<number, string> {
  const stars = new Map(discs.flatMap((disc) => starsIn(seed, disc).map((star) => [star.id, star])));
  const shards = new Map<number, string[]>();
  for (const star of stars.values()) {
    if (star.flux.r < FAINTEST_NJY) continue;
    const draw = randomStream(seed, 'reference', star.id);
    const error = () => (POSITION_ERROR_ARCSEC / 3600) * draw.normal();
    const dec = star.decDeg + error();
    const ra = star.raDeg + error() / Math.cos((dec * Math.PI) / 180);
    const lines = surveyBands.map((band) => {
      const flux = star.flux[band] * (1 + FLUX_ERROR * draw.normal());
      const columns = [
        star.id,
        ra.toFixed(8),
        dec.toFixed(8),
        band,
        flux.toFixed(2),
        (flux * FLUX_ERROR).toFixed(2),
      ];
      return `${columns.join(',')}\n`;
    });
    const index = htmIndex(ra, dec, HTM_LEVEL);
    shards.set(index, [...(shards.get(index) ?? ['id,ra,dec,band,fluxNjy,fluxErrNjy\n']), ...lines]);
  }
  return new Map([...shards].map(([index, lines]) => [index, lines.join('')]));
}
