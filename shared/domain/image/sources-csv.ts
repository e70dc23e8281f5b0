import type { SourceWithoutStamps } from './measure.ts';
import type { PairResult } from './pair.ts';

const COLUMNS = 'id,x,y,ra,dec,flux,fluxErr,snr,isNegative,isDipole,trailLength,reliability,flags';

/** The sources of a pair as CSV: 0-based pixels, ra and dec empty without world coordinates, flags joined by `|`. */
export function sourcesCsv({ sources, wcs }: Pick<PairResult, 'sources' | 'wcs'>): string {
  const rows = sources.map((source, k) => {
    const sky = wcs === undefined ? ['', ''] : [source.ra.toFixed(8), source.dec.toFixed(8)];
    return [
      k + 1,
      source.x.toFixed(3),
      source.y.toFixed(3),
      ...sky,
      number(source.psfFlux),
      number(source.psfFluxErr),
      number(source.snr),
      source.isNegative,
      source.isDipole,
      number(source.trailLength),
      number(source.reliability),
      flagsOf(source).join('|'),
    ].join(',');
  });
  return `${[COLUMNS, ...rows].join('\n')}\n`;
}

function number(value: number | null): string {
  return value === null ? '' : String(Number(value.toPrecision(7)));
}

/** Names of the flags that are set, as in the alert schema: pixelFlags_edge, centroid_flag, ... */
function flagsOf(source: SourceWithoutStamps): string[] {
  return Object.entries(source).flatMap(([name, value]) =>
    /flag/i.test(name) && value === true ? [name] : [],
  );
}
