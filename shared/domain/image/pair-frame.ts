import type { ImageRows } from '../fits/open.ts';
import type { Image } from '../fits/read.ts';
import { measureBackground, typicalBackground } from './background-mesh.ts';
import { growMask } from './grow-mask.ts';
import { interpolateMasked } from './interpolate.ts';
import { MASK, UNUSABLE } from './masked-image.ts';
import { backgroundSpline, subtractSpline } from './mesh-spline.ts';
import { type ScienceImage, scalePlane, scienceImage } from './sky-images.ts';
import { type SkyNoise, skyNoise, type VarianceSource } from './sky-noise.ts';
import { typicalVariance } from './typical-variance.ts';
import type { Workspace } from './workspace.ts';

/** An image as it was read, or as it can be read by rows. */
export type PairImage = Image | ImageRows;

/** What is known of one of the two images; what is absent is measured. */
export interface FrameFacts {
  /** Electrons per count. */
  readonly gain?: number;
  /** Electrons. */
  readonly readNoise?: number;
  /** Counts, sky included. */
  readonly saturation?: number;
  /** Sky level in counts that has been subtracted, or is still in the image. */
  readonly sky?: number;
}

/** One of the two images without its sky, in counts. */
export interface Frame {
  readonly image: ScienceImage;
  /** Electrons². */
  readonly noise: SkyNoise;
  readonly gain: number;
  readonly varianceFrom: VarianceSource;
  readonly skySigma: number;
}

/** Counts without sky, the variance that of the sky, saturated and missing pixels masked and interpolated. */
export function frameOf(
  workspace: Workspace,
  source: PairImage,
  { gain = 1, readNoise = 0, saturation, sky }: FrameFacts,
): Frame {
  const { width, height } = source;
  const image = workspace.floats(width * height);
  const mask = workspace.words(width * height).fill(0);
  if ('read' in source) source.read(0, height, image);
  else image.set(source.pixels);
  const screen = (limit: number): void =>
    workspace.strips('screenRows', height, [
      ...[image.byteOffset, mask.byteOffset, width, MASK.NO_DATA, limit, MASK.SAT],
    ]);
  screen(Number.POSITIVE_INFINITY);
  const background = measureBackground(workspace, image, mask, width, height, UNUSABLE);
  const { level } = typicalBackground(background);
  // A frame whose level is below half of its sky has had the sky subtracted.
  const subtracted = sky !== undefined && level < 0.5 * sky ? sky : 0;
  if (saturation !== undefined) {
    screen(saturation - subtracted);
    growMask(workspace, mask, width, height, MASK.SAT, 2);
  }
  interpolateMasked(workspace, { width, height, image, mask }, UNUSABLE);
  subtractSpline(workspace, image, backgroundSpline(background, 'level'));
  const electrons = {
    ...background,
    level: background.level.map((value) => (sky === undefined ? Number.NaN : (value + subtracted) * gain)),
    rms: background.rms.map((value) => value * gain),
  };
  const noise = skyNoise(electrons, readNoise);
  // The noise is that of electrons, the image has counts.
  const plane = scienceImage({ width, height, image, mask }, noise, 1 / gain);
  return {
    image: plane,
    noise,
    gain,
    varianceFrom: noise.source,
    skySigma: Math.sqrt(typicalVariance(plane)),
  };
}

/** The science image in the unit of the result. */
export function inUnit(workspace: Workspace, { image, noise, gain }: Frame, unit: number): ScienceImage {
  if (unit === 1) return image;
  scalePlane(workspace, image.image, image.width, unit);
  return scienceImage(image, noise, unit / gain);
}
