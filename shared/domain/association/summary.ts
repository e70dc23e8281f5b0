import { type Band, bands, type DiaObject, type DiaSource } from '../alert/row.ts';
import { toRaDec, toVector, type Vector } from '../sky/vector.ts';

/**
 * What an object's row says of its sources (the original: ap_association's plugins, listed per function). Sources
 * come in order of time; sums run in that order, so the same sources give the same bits.
 */
export const summarise = (sources: readonly DiaSource[]): Partial<DiaObject> => ({
  ...meanPosition(sources),
  ...Object.assign({}, ...bands.map((band) => bandSummary(band, sources))),
  firstDiaSourceMjdTai: sources[0].midpointMjdTai,
  lastDiaSourceMjdTai: sources.at(-1)!.midpointMjdTai,
  nDiaSources: sources.length,
});

/**
 * The unweighted mean on the sphere (ap_meanPosition), with the error of that mean where every source has one. The
 * original keeps the errors of the first source for ever, and weighs later matches by them.
 */
function meanPosition(sources: readonly DiaSource[]): Partial<DiaObject> {
  const [{ ra, dec, raErr, decErr, ra_dec_Cov }] = sources;
  if (sources.length === 1) return { ra, dec, raErr, decErr, ra_dec_Cov };
  const vectors = sources.map((source) => toVector(source.ra, source.dec));
  const axis = (index: 0 | 1 | 2): number => sum(vectors.map((vector) => vector[index]));
  const { raDeg, decDeg } = toRaDec([axis(0), axis(1), axis(2)] satisfies Vector);
  const n = sources.length;
  const errorOfMean = (errors: readonly (number | null)[]): number | null => {
    const known = errors.filter(isPresent);
    return known.length === n ? Math.sqrt(sum(known.map((error) => error ** 2))) / n : null;
  };
  const covariances = sources.map((source) => source.ra_dec_Cov).filter(isPresent);
  return {
    ra: raDeg,
    dec: decDeg,
    raErr: errorOfMean(sources.map((source) => source.raErr)),
    decErr: errorOfMean(sources.map((source) => source.decErr)),
    ra_dec_Cov: covariances.length === n ? sum(covariances) / n ** 2 : null,
  };
}

/** ap_meanFlux, ap_sigmaFlux, ap_minMaxFlux, ap_maxSlopeFlux, ap_meanErrFlux, ap_meanTotFlux for one band. */
function bandSummary(band: Band, allSources: readonly DiaSource[]): Partial<DiaObject> {
  const sources = allSources.filter((source) => source.band === band);
  const fluxes = sources.map(({ psfFlux }) => psfFlux).filter(isPresent);
  const errors = sources.map(({ psfFluxErr }) => psfFluxErr).filter(isPresent);
  const psf = weightedMean(sources.map(({ psfFlux, psfFluxErr }) => [psfFlux, psfFluxErr]));
  const science = weightedMean(
    sources.map(({ scienceFlux, scienceFluxErr }) => [scienceFlux, scienceFluxErr]),
  );
  return {
    [`${band}_psfFluxMean`]: psf.mean,
    [`${band}_psfFluxMeanErr`]: psf.error,
    [`${band}_psfFluxSigma`]: standardDeviation(fluxes),
    [`${band}_psfFluxNdata`]: fluxes.length,
    [`${band}_scienceFluxMean`]: science.mean,
    [`${band}_scienceFluxMeanErr`]: science.error,
    [`${band}_psfFluxMin`]: fluxes.length === 0 ? null : Math.min(...fluxes),
    [`${band}_psfFluxMax`]: fluxes.length === 0 ? null : Math.max(...fluxes),
    [`${band}_psfFluxMaxSlope`]: maxSlope(sources),
    [`${band}_psfFluxErrMean`]: errors.length === 0 ? null : sum(errors) / errors.length,
  };
}

/** Mean by inverse variance and its error; values without a positive error have no weight. */
function weightedMean(values: readonly (readonly [number | null, number | null])[]): {
  mean: number | null;
  error: number | null;
} {
  const weighted = values.flatMap(([value, error]) =>
    value !== null && error !== null && error > 0 ? [{ value, weight: 1 / error ** 2 }] : [],
  );
  if (weighted.length === 0) return { mean: null, error: null };
  const weight = sum(weighted.map((item) => item.weight));
  return {
    mean: sum(weighted.map((item) => item.value * item.weight)) / weight,
    error: Math.sqrt(1 / weight),
  };
}

/** Of a sample (n - 1); undefined of fewer than two values. */
function standardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null;
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1));
}

/** Steepest rise between successive fluxes, nJy a day; null where there are not two of different times. */
function maxSlope(sources: readonly DiaSource[]): number | null {
  const points = sources.flatMap(({ psfFlux, midpointMjdTai }) =>
    psfFlux === null ? [] : [{ flux: psfFlux, time: midpointMjdTai }],
  );
  const slopes = points.slice(1).flatMap(({ flux, time }, index) => {
    const before = points[index];
    return time > before.time ? [(flux - before.flux) / (time - before.time)] : [];
  });
  return slopes.length === 0 ? null : Math.max(...slopes);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const isPresent = (value: number | null): value is number => value !== null;
