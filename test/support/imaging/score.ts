import type { Trail } from './contents.ts';
import { centroidSigma, fluxSigma } from './expected-errors.ts';
import { detectorsOf, sciencePsf } from './recipe.ts';
import type { ChangedPoint, Scene, Truth } from './scene.ts';
import { distance, neighbourOf, SATURATED, trailDistance, type Zone, zoneOf } from './zones.ts';

/** What the chain says of one source, in electrons and pixels of the science image. */
export interface Detection {
  readonly x: number;
  readonly y: number;
  /** Of the peak, negative for what has faded. */
  readonly snr: number;
  readonly flux: number | null;
  readonly fluxErr: number | null;
  readonly isDipole: boolean;
  readonly trailLength: number | null;
  /** From north to east, degrees. */
  readonly trailAngle: number | null;
}

/** What became of a point source that is on one of the images only. */
export interface PointScore {
  readonly kind: 'transient' | 'fader';
  readonly x: number;
  readonly y: number;
  readonly snr: number;
  readonly hosted: boolean;
  readonly flux: number;
  /** Best errors that its pixels allow, electrons and pixels. */
  readonly expected: { readonly flux: number; readonly x: number; readonly y: number };
  /** Any detection within 6 px is flagged as a dipole. */
  readonly isDipole: boolean;
  /** Absent: not detected. */
  readonly found?: {
    readonly dx: number;
    readonly dy: number;
    readonly flux: number | null;
    readonly fluxErr: number | null;
  };
}

export interface TrailScore {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly detections: number;
  /** Of the only detection: measured over true length, and the difference of the position angles, degrees. */
  readonly joined?: { readonly lengthRatio: number; readonly angleErrorDeg: number };
}

export interface FalseDetection {
  readonly x: number;
  readonly y: number;
  readonly snr: number;
  readonly zone: Exclude<Zone, 'excused'>;
  readonly isDipole: boolean;
  readonly near?: { readonly kind: string; readonly distance: number; readonly flux: number };
}

export interface SceneScore {
  /** Area in whole detectors. */
  readonly detectors: number;
  /** All of them, true and false. */
  readonly detections: number;
  readonly points: readonly PointScore[];
  readonly trails: readonly TrailScore[];
  readonly movers: readonly {
    readonly flux: number;
    readonly isDipole: boolean;
    readonly detections: number;
  }[];
  readonly falses: readonly FalseDetection[];
  readonly saturatedStars: number;
}

const MATCH = 3;
const BESIDE = 6;

/** Compares the detections of a scene with what is in it, by the rules of the reference's section 2. */
export function scoreDetections(
  { recipe, science, truth }: Scene,
  detections: readonly Detection[],
): SceneScore {
  const scorePoint =
    (kind: PointScore['kind']) =>
    (point: ChangedPoint): PointScore => {
      const { x, y, snr, hosted, flux, variance } = point;
      const psf = sciencePsf(recipe, x, y);
      const nearest = detections
        .filter((detection) => isSame(kind, point, detection))
        .sort((a, b) => distance(a, point) - distance(b, point))[0];
      return {
        ...{ kind, x, y, snr, hosted, flux },
        expected: { flux: fluxSigma(psf, flux, variance), ...centroidSigma(psf, flux, variance) },
        isDipole: detections.some((detection) => detection.isDipole && distance(detection, point) <= BESIDE),
        found: nearest && {
          dx: nearest.x - x,
          dy: nearest.y - y,
          flux: nearest.flux === null ? null : nearest.flux * signOf(kind),
          fluxErr: nearest.fluxErr,
        },
      };
    };
  return {
    detectors: detectorsOf(recipe),
    detections: detections.length,
    points: [...truth.transients.map(scorePoint('transient')), ...truth.faders.map(scorePoint('fader'))],
    trails: truth.trails.map((trail) => scoreTrail(trail, detections, science.wcs.cd)),
    movers: truth.movers
      .filter((star) => isClear(truth, star))
      .map((star) => {
        const own = detections.filter((detection) => distance(detection, star) <= BESIDE);
        return { flux: star.flux, isDipole: own.some(({ isDipole }) => isDipole), detections: own.length };
      }),
    falses: detections.flatMap((detection) => falseDetection(recipe, truth, detection)),
    saturatedStars: truth.stars.filter(({ flux }) => flux > SATURATED).length,
  };
}

function signOf(kind: PointScore['kind']): number {
  return kind === 'transient' ? 1 : -1;
}

function isSame(kind: PointScore['kind'], point: ChangedPoint, detection: Detection): boolean {
  return detection.snr * signOf(kind) > 0 && distance(detection, point) <= MATCH;
}

/** A mover in the glare of a saturated star, or saturated itself, is none that could be measured. */
function isClear({ stars }: Truth, { x, y }: { x: number; y: number }): boolean {
  return !stars.some((star) => star.flux > SATURATED && distance(star, { x, y }) <= 60);
}

function falseDetection(recipe: Scene['recipe'], truth: Truth, detection: Detection): FalseDetection[] {
  if (truth.transients.some((point) => isSame('transient', point, detection))) return [];
  if (truth.faders.some((point) => isSame('fader', point, detection))) return [];
  const zone = zoneOf(recipe, truth, detection);
  if (zone === 'excused') return [];
  const { x, y, snr, isDipole } = detection;
  return [{ x, y, snr, zone, isDipole, near: neighbourOf(truth, detection) }];
}

function scoreTrail(trail: Trail, detections: readonly Detection[], cd: readonly number[]): TrailScore {
  const own = detections.filter((detection) => detection.snr > 0 && trailDistance(trail, detection) <= 5);
  const { x, y, length, angleRad } = trail;
  const score = { x, y, length, detections: own.length };
  const [only] = own;
  if (own.length !== 1 || only.trailLength === null || only.trailAngle === null) return score;
  const [cos, sin] = [Math.cos(angleRad), Math.sin(angleRad)];
  const trueAngle = (Math.atan2(cd[0] * cos + cd[1] * sin, cd[2] * cos + cd[3] * sin) * 180) / Math.PI;
  const turn = (((only.trailAngle - trueAngle) % 180) + 270) % 180;
  return { ...score, joined: { lengthRatio: only.trailLength / length, angleErrorDeg: turn - 90 } };
}
