import { pixelToSky, wcsToCards } from '#shared/domain/sky/wcs.ts';
import { type Frame, filterName, type Template } from './decam-visit.ts';
import { makeScene, NJY_PER_ELECTRON, READ_NOISE, type Truth } from './scene.ts';

export interface SyntheticField {
  readonly science: Frame;
  readonly template: Template;
  readonly transients: readonly Truth[];
}

/** A field of stars on 256 x 256 pixels, reduced but for its sky, with four transients that its template lacks. */
export function syntheticField(seed: number): SyntheticField {
  const scene = makeScene({
    seed,
    size: 256,
    stars: 40,
    galaxies: 5,
    transients: 4,
    brightest: 2e5,
    snr: [15, 20],
  });
  const { width, height, wcs } = scene;
  const { raDeg, decDeg } = pixelToSky(wcs, (width - 1) / 2, (height - 1) / 2);
  const cards = [
    ...wcsToCards(wcs),
    { keyword: 'GAIN', value: 1 },
    { keyword: 'RDNOISE', value: READ_NOISE },
    { keyword: 'SATURATE', value: 98_000 },
  ];
  const plane = { cards, wcs, width, height, raDeg, decDeg, filter: filterName };
  return {
    science: { ...plane, pixels: scene.science, njyPerCount: NJY_PER_ELECTRON },
    template: { ...plane, pixels: scene.template, variance: scene.templateVariance },
    transients: scene.transients,
  };
}
