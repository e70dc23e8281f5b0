import { type Bars, BEYOND_3_SIGMA } from './bars.ts';
import type { PointScore, SceneScore } from './score.ts';
import type { SnrMapScore } from './snr-map.ts';
import { meanOf, medianOf, rmsOf, scatterOf, wilson } from './statistics.ts';
import { SATURATED } from './zones.ts';

/** One row of the table. */
export interface Figure {
  readonly name: string;
  readonly measured: string;
  readonly value: number;
  /** Empty where the figure is only told. */
  readonly bar: string;
  readonly isMissed: boolean;
}

export interface Scored {
  readonly score: SceneScore;
  readonly snrMap: SnrMapScore;
  readonly scoreSigma: number;
}

/** Figures of scenes of one kind, pooled, against the kind's bars. */
export function pooledFigures(scenes: readonly Scored[], bars: Bars): Figure[] {
  const points = scenes.flatMap(({ score }) => score.points);
  const hostless = points.filter(({ kind, hosted }) => kind === 'transient' && !hosted);
  const hosted = points.filter(({ kind, hosted }) => kind === 'transient' && hosted);
  const faders = points.filter(({ kind }) => kind === 'fader');
  return [
    ...completeness('hostless', hostless, bars.hostless),
    ...completeness('hosted', hosted, bars.hosted),
    ...completeness('faders', faders, bars.faders),
    ...falseFigures(scenes, bars),
    ...mapFigures(scenes, bars),
    ...photometry('hostless', hostless, bars.measurement),
    ...photometry('hosted', hosted, undefined),
    ...trailFigures(scenes, bars),
    ...dipoleFigures(scenes, points, bars),
  ];
}

const told = (name: string, value: number, measured: string): Figure => ({
  ...{ name, measured, value, bar: '', isMissed: false },
});

/** A figure with a bar where `bar` is given: [least, most] of a value that must lie within. */
function judged(
  name: string,
  value: number,
  measured: string,
  bar: { readonly text: string; readonly isKept: boolean } | undefined,
): Figure {
  return bar === undefined
    ? told(name, value, measured)
    : { name, measured, value, bar: bar.text, isMissed: !bar.isKept };
}

/** A share of trials against its least value, %: missed where the 95 % interval lies wholly below. */
function share(name: string, hits: number, trials: number, least: number | undefined): Figure {
  const { low, high } = wilson(hits, trials);
  const percent = (part: number): string => (100 * part).toFixed(1);
  const measured = `${percent(hits / trials)} % (${percent(low)}-${percent(high)}; ${hits}/${trials})`;
  const bar = least === undefined ? undefined : { text: `>= ${least} %`, isKept: 100 * high >= least };
  return judged(name, (100 * hits) / trials, measured, bar);
}

function completeness(
  name: string,
  points: readonly PointScore[],
  bar: Readonly<Record<number, number>> | undefined,
): Figure[] {
  return levels(points).map((snr) => {
    const own = points.filter((point) => point.snr === snr);
    const found = own.filter((point) => point.found !== undefined);
    return share(`completeness, ${name}, SNR ${snr}`, found.length, own.length, bar?.[snr]);
  });
}

function levels(points: readonly PointScore[]): number[] {
  return [...new Set(points.map(({ snr }) => snr))].sort((a, b) => a - b);
}

function falseFigures(scenes: readonly Scored[], bars: Bars): Figure[] {
  const detectors = scenes.reduce((sum, { score }) => sum + score.detectors, 0);
  const falses = scenes.flatMap(({ score }) => score.falses);
  const stars = scenes.reduce((sum, { score }) => sum + score.saturatedStars, 0);
  const rate = (name: string, count: number, per: number, most: number | undefined): Figure => {
    const value = per === 0 ? count : count / per;
    const spread = per === 0 ? 0 : Math.sqrt(count) / per;
    const bar = most === undefined ? undefined : { text: `<= ${most}`, isKept: value <= most };
    return judged(name, value, `${value.toFixed(2)} +- ${spread.toFixed(2)}`, bar);
  };
  const counted = (zone: string, least: number): number =>
    falses.filter((one) => one.zone === zone && Math.abs(one.snr) > least).length;
  return [
    rate('field false a detector, 5 sigma', counted('field', 5), detectors, bars.field),
    rate('field false a detector, 5.5 sigma', counted('field', 5.5), detectors, bars.field55),
    rate('near-bright false a detector, 5 sigma', counted('near-bright', 5), detectors, bars.nearBright),
    rate('near-bright false a detector, 5.5 sigma', counted('near-bright', 5.5), detectors, undefined),
    rate('detections a saturated star', counted('saturated', 0), stars, bars.saturated),
    ...(bars.nothing ? [rate('detections', falses.length, scenes.length, 0)] : []),
  ];
}

function mapFigures(scenes: readonly Scored[], { snrMap }: Bars): Figure[] {
  const sigma = meanOf(scenes.map((scene) => scene.snrMap.sigma));
  const beyond = meanOf(scenes.map((scene) => scene.snrMap.beyond3)) / BEYOND_3_SIGMA;
  const own = meanOf(scenes.map(({ scoreSigma }) => scoreSigma));
  const within = (value: number, least: number, most: number) =>
    snrMap && { text: `${least} to ${most}`, isKept: value >= least && value <= most };
  return [
    judged('SNR map, robust sigma', sigma, sigma.toFixed(4), within(sigma, 0.97, 1.03)),
    judged('SNR map, |SNR| > 3 over Gaussian', beyond, beyond.toFixed(3), within(beyond, 0.8, 1.2)),
    told('SNR map, robust sigma before rescaling', own, own.toFixed(4)),
  ];
}

/** Flux and position of what was found, by signal-to-noise and pooled over SNR 10 to 30, where the bars are. */
function photometry(name: string, points: readonly PointScore[], bar: true | undefined): Figure[] {
  const measured = points.flatMap(({ found, ...point }) =>
    found === undefined || found.flux === null || found.fluxErr === null
      ? []
      : [{ ...point, dx: found.dx, dy: found.dy, measured: found.flux, error: found.fluxErr }],
  );
  const rows = levels(measured as unknown as PointScore[])
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
    const shift = Math.hypot(medianOf(own.map(({ dx }) => dx)), medianOf(own.map(({ dy }) => dy)));
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
      judged(`centroid shift, px, ${label}`, shift, shift.toFixed(3), most(shift, 0.02)),
    ];
  });
}

function interval({ sigma, low, high }: { sigma: number; low: number; high: number }): string {
  return `${sigma.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`;
}

function trailFigures(scenes: readonly Scored[], { measurement }: Bars): Figure[] {
  const trails = scenes.flatMap(({ score }) => score.trails);
  if (trails.length === 0) return [];
  const touched = trails.filter(({ detections }) => detections > 0).length;
  const joined = trails.filter(({ detections }) => detections === 1).length;
  const byLength = [...new Set(trails.map(({ length }) => length))].sort((a, b) => a - b);
  return [
    share('trails touched', touched, trails.length, measurement && 100),
    share('trails with exactly one detection', joined, trails.length, measurement && 90),
    ...byLength.flatMap((length) => {
      const own = trails.filter((trail) => trail.length === length);
      const fits = own.flatMap((trail) => (trail.joined ? [trail.joined] : []));
      const one = own.filter(({ detections }) => detections === 1).length;
      const rows = [share(`trails with exactly one detection, L ${length}`, one, own.length, undefined)];
      if (fits.length < 3) return rows;
      const ratio = medianOf(fits.map(({ lengthRatio }) => lengthRatio));
      const spread = scatterOf(fits.map(({ lengthRatio }) => lengthRatio)).sigma;
      const turn = medianOf(fits.map(({ angleErrorDeg }) => Math.abs(angleErrorDeg)));
      return [
        ...rows,
        judged(
          `trail length over the true one, L ${length}`,
          ratio,
          `${ratio.toFixed(3)} +- ${spread.toFixed(3)}`,
          measurement && { text: '0.9 to 1.1', isKept: Math.abs(ratio - 1) <= 0.1 },
        ),
        judged(
          `trail angle error, deg, L ${length}`,
          turn,
          turn.toFixed(2),
          measurement && { text: '<= 3', isKept: turn <= 3 },
        ),
      ];
    }),
  ];
}

function dipoleFigures(
  scenes: readonly Scored[],
  points: readonly PointScore[],
  { measurement }: Bars,
): Figure[] {
  const movers = scenes
    .flatMap(({ score }) => score.movers)
    .filter(({ flux }) => flux > 2e4 && flux < SATURATED);
  const found = points.filter((point) => point.kind === 'transient' && point.found !== undefined);
  const wrong = found.filter(({ isDipole }) => isDipole).length;
  const part = (100 * wrong) / found.length;
  return [
    ...(movers.length === 0
      ? []
      : [
          share(
            'movers flagged dipole',
            movers.filter(({ isDipole }) => isDipole).length,
            movers.length,
            measurement && 90,
          ),
        ]),
    ...(found.length === 0
      ? []
      : [
          judged(
            'transients flagged dipole',
            part,
            `${part.toFixed(2)} % (${wrong}/${found.length})`,
            measurement && { text: '<= 2 %', isKept: part <= 2 },
          ),
        ]),
  ];
}
