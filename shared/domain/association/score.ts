/** A position with its errors along the great circle in right ascension (cos(dec) included) and declination, degrees. */
export interface Position {
  readonly ra: number;
  readonly dec: number;
  readonly raErr: number | null;
  readonly decErr: number | null;
}

/** Error assumed where a position has none. */
const fallbackDeg = 0.2 / 3600;
/** Least combined error, since astrometry has systematic errors that no fit knows. */
const floorDeg = 0.05 / 3600;

const isError = (error: number | null): error is number =>
  error !== null && error > 0 && Number.isFinite(error);

/** True where both errors are known. */
export const hasErrors = ({ raErr, decErr }: Position): boolean => isError(raErr) && isError(decErr);

/**
 * Negative log likelihood that two measurements of one position differ as these do, for Gaussian errors:
 * 1/2 (dra^2/Vra + ddec^2/Vdec) + 1/2 ln(Vra Vdec), in degrees. The second term makes a close pair of good positions
 * beat a distant pair of bad ones, which chi square alone would prefer.
 */
export function negativeLogLikelihood(a: Position, b: Position): number {
  const vra = variance(a.raErr, b.raErr);
  const vdec = variance(a.decErr, b.decErr);
  const wrapped = ((a.ra - b.ra + 540) % 360) - 180;
  const dra = wrapped * Math.cos(((a.dec + b.dec) / 2) * (Math.PI / 180));
  const ddec = a.dec - b.dec;
  return (dra ** 2 / vra + ddec ** 2 / vdec + Math.log(vra * vdec)) / 2;
}

function variance(a: number | null, b: number | null): number {
  const sum = (isError(a) ? a : fallbackDeg) ** 2 + (isError(b) ? b : fallbackDeg) ** 2;
  return Math.max(sum, floorDeg ** 2);
}
