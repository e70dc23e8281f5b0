import { type Band, bands, type PerBand } from './passbands.ts';
import type { Random } from './random.ts';

/** Fluxes in all bands of a star with this flux in r: a stellar locus of one parameter, g - r from 0.3 to 1.45. */
export function starColours(draw: Random, fluxR: number): PerBand {
  const gr = 0.3 + 1.15 * draw.uniform() ** 1.3;
  const ri = gr < 1.2 ? 0.42 * gr - 0.05 : 0.45 + 3 * (gr - 1.2);
  return fromColours(fluxR, { ug: 0.8 + gr, gr, ri, iz: 0.5 * ri, zy: 0.25 * ri });
}

export function galaxyColours(draw: Random, fluxR: number): PerBand {
  const gr = draw.between(0.2, 0.9);
  return fromColours(fluxR, { ug: 0.5 + gr, gr, ri: 0.1 + 0.4 * gr, iz: 0.2, zy: 0.1 });
}

/** Something whose flux is the same multiple of `scale` in every band, but for a scatter of 5 %. */
export function scaledColours(draw: Random, scale: PerBand, factor: number): PerBand {
  return perBand((band) => scale[band] * factor * (1 + 0.05 * Math.max(-2, Math.min(2, draw.normal()))));
}

export function perBand(inBand: (band: Band) => number): PerBand {
  return Object.fromEntries(bands.map((band) => [band, inBand(band)])) as Record<Band, number>;
}

interface Colours {
  readonly ug: number;
  readonly gr: number;
  readonly ri: number;
  readonly iz: number;
  readonly zy: number;
}

function fromColours(r: number, { ug, gr, ri, iz, zy }: Colours): PerBand {
  const brighter = (mag: number) => 10 ** (0.4 * mag);
  return {
    u: r / brighter(ug + gr),
    g: r / brighter(gr),
    r,
    i: r * brighter(ri),
    z: r * brighter(ri + iz),
    y: r * brighter(ri + iz + zy),
  };
}
