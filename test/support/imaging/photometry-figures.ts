import { type Figure, judged } from './figure.ts';
import type { PointScore } from './score.ts';
import { medianOf, rmsOf, scatterOf } from './statistics.ts';

/** Flux and position of what was found, by signal-to-noise and pooled over SNR 10 to 30, where the bars are. */
export function photometryFigures(
  name: string,
  points: readonly PointScore[],
  bar: true | undefined,
): Figure[] {
  const measured = points.flatMap(({ found, ...point }) =>
    found === undefined || found.flux === null || found.fluxErr === null
      ? []
      : [{ ...point, dx: found.dx, dy: found.dy, measured: found.flux, error: found.fluxErr }],
  );
  const rows = levels(measured)
    .filter((snr) => snr >= 7)
    .map((snr) => [`SNR ${snr}`, measured.filter((point) => point.snr === snr), undefined] as const);
  const bright = measured.filter(({ snr }) => snr >= 10);
  if (bright.length < 3) return [];
  return [...rows, [`SNR 10-30`, bright, bar] as const].flatMap(([range, own, judging]) => {
    if (own.length < 3) return [];
    const bias = medianOf(own.map(({ measured, flux }) => measured / flux)) - 1;
    const biasError =
      (1.25 * rmsOf(own.map(({ expected, flux }) => expected.flux / flux))) / Math.sqrt(own.length);
    const scatter = scatterOf(own.map(({ measured, flux, expected }) => (measured - flux) / expected.flux));
    const pull = scatterOf(own.map(({ measured, flux, error }) => (measured - flux) / error));
    const offsets = own.flatMap(({ dx, dy, expected }) => [dx / expected.x, dy / expected.y]);
    const centroid = rmsOf(offsets.filter((offset) => Math.abs(offset) < 6));
    const shift = shiftOf(own);
    const most = (value: number, limit: number) => judging && { text: `<= ${limit}`, isKept: value <= limit };
    const label = `${name}, ${range}`;
    const percent = `${(100 * bias).toFixed(2)} +- ${(100 * biasError).toFixed(2)} %`;
    return [
      judged(
        `flux bias, ${label}`,
        100 * bias,
        percent,
        judging && { text: 'within 1.5 %', isKept: Math.abs(bias) <= 0.015 },
      ),
      judged(
        `flux scatter over the photon limit, ${label}`,
        scatter.sigma,
        interval(scatter),
        most(scatter.sigma, 1.1),
      ),
      judged(
        `pulls, standard deviation, ${label}`,
        pull.sigma,
        interval(pull),
        judging && { text: '0.95 to 1.1', isKept: pull.sigma >= 0.95 && pull.sigma <= 1.1 },
      ),
      judged(
        `centroid rms over Cramer-Rao, ${label}`,
        centroid,
        `${centroid.toFixed(3)} +- ${(centroid / Math.sqrt(2 * offsets.length)).toFixed(3)}`,
        most(centroid, 1.08),
      ),
      judged(
        `centroid shift, px, ${label}`,
        shift.size,
        `${shift.size.toFixed(4)} +- ${shift.error.toFixed(4)}`,
        most(shift.size, 0.02),
      ),
    ];
  });
}

/** Mean offset of all, each by its own error, and that of the mean on an axis. */
function shiftOf(points: readonly { dx: number; dy: number; expected: { x: number; y: number } }[]): {
  size: number;
  error: number;
} {
  const mean = (values: readonly (readonly [number, number])[]): { mean: number; error: number } => {
    const weights = values.reduce((sum, [, error]) => sum + 1 / error ** 2, 0);
    const sum = values.reduce((total, [value, error]) => total + value / error ** 2, 0);
    return { mean: sum / weights, error: 1 / Math.sqrt(weights) };
  };
  const x = mean(points.map(({ dx, expected }) => [dx, expected.x]));
  const y = mean(points.map(({ dy, expected }) => [dy, expected.y]));
  return { size: Math.hypot(x.mean, y.mean), error: (x.error + y.error) / 2 };
}

function interval({ sigma, low, high }: { sigma: number; low: number; high: number }): string {
  return `${sigma.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
}

/** The signal-to-noise ratios that occur, rising. */
export function levels(points: readonly { snr: number }[]): number[] {
  return [...new Set(points.map(({ snr }) => snr))].sort((a, b) => a - b);
}
