import type { ReferenceStar } from '../image/reference-star.ts';

/** Columns of a shard of a reference catalogue, `refcats/{name}/{htm7}.csv`. */
export const referenceColumns = ['id', 'ra', 'dec', 'band', 'fluxNjy', 'fluxErrNjy'] as const;

/**
 * Stars of one band in a shard: ra and dec in degrees (ICRS), fluxes in nJy.
 * @throws RangeError where the first line does not name the columns, or a number is none; it names the line.
 */
export function parseReferenceCsv(text: string, band: string): ReferenceStar[] {
  const [head, ...lines] = text.trimEnd().split(/\r?\n/);
  if (head !== referenceColumns.join(',')) {
    throw new RangeError(
      `A reference catalogue begins with '${referenceColumns.join(',')}', not with '${head}'.`,
    );
  }
  return lines.flatMap((line, index) => {
    const [id, ra, dec, starBand, flux, fluxErr] = line.split(',');
    if (starBand !== band) return [];
    const [raDeg, decDeg, fluxNjy, fluxErrNjy] = [ra, dec, flux, fluxErr].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    if (!id || ![raDeg, decDeg, fluxNjy, fluxErrNjy].every(Number.isFinite)) {
      throw new RangeError(`Line ${index + 2} of a reference catalogue is not readable: '${line}'.`);
    }
    return [{ id, raDeg, decDeg, fluxNjy, fluxErrNjy }];
  });
}
