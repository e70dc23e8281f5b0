import type { Bars } from './bars.ts';
import { type Figure, judged, share } from './figure.ts';
import type { PointScore, SceneScore } from './score.ts';
import { medianOf, scatterOf } from './statistics.ts';
import { SATURATED } from './zones.ts';

/**
 * 2.5 FWHM of a base scene, from where the reference judges angles. At L 10 and S/N 20 the Cramer-Rao bound of the angle is
 * 3.9 degrees, a median error of 2.7; at 20, 40 and 60 it is 1.7, 0.8 and 0.5.
 */
const STRAIGHT = 10.1;

export function trailFigures(
  scenes: readonly { readonly score: SceneScore }[],
  { measurement }: Bars,
): Figure[] {
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
          measurement && length >= STRAIGHT ? { text: '<= 3', isKept: turn <= 3 } : undefined,
        ),
      ];
    }),
  ];
}

export function dipoleFigures(
  scenes: readonly { readonly score: SceneScore }[],
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
