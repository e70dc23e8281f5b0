import { type Bars, BEYOND_3_SIGMA } from './bars.ts';
import { type Figure, judged, share, told } from './figure.ts';
import { levels, photometryFigures } from './photometry-figures.ts';
import type { PointScore, SceneScore } from './score.ts';
import { dipoleFigures, trailFigures } from './shape-figures.ts';
import type { SnrMapScore } from './snr-map.ts';
import { meanOf } from './statistics.ts';

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
    ...photometryFigures('hostless', hostless, bars.measurement),
    ...photometryFigures('hosted', hosted, undefined),
    ...trailFigures(scenes, bars),
    ...dipoleFigures(scenes, points, bars),
  ];
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

function falseFigures(scenes: readonly Scored[], bars: Bars): Figure[] {
  const detectors = scenes.reduce((sum, { score }) => sum + score.detectors, 0);
  const falses = scenes.flatMap(({ score }) => score.falses);
  const detections = scenes.reduce((sum, { score }) => sum + score.detections, 0);
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
    ...(bars.nothing ? [rate('detections', detections, scenes.length, 0)] : []),
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
    judged(
      'SNR map, part beyond 3 sigma over a Gaussian one',
      beyond,
      beyond.toFixed(3),
      within(beyond, 0.8, 1.2),
    ),
    told('SNR map, robust sigma before rescaling', own, own.toFixed(4)),
  ];
}
