import type { MaskedImage } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import type { SkyNoise } from './sky-noise.ts';
import type { Workspace } from './workspace.ts';

/** An exposure without its sky; its variance is that of the sky alone, a smooth function of position. */
export interface ScienceImage extends SkyPlane {
  /** Writes the variance of every pixel into a plane of the workspace. */
  fillVariance(workspace: Workspace, out: Float32Array): void;
}

/** A template on the science image's pixels. */
export interface TemplateImage extends SkyPlane {
  /** Its variance on pixels of twice the size, ((width + 1) >> 1) x ((height + 1) >> 1), row-major. */
  readonly variance: Float32Array;
}

/** Planes of an exposure with the noise of its sky, which was measured before the planes were multiplied by `scale`. */
export function scienceImage(
  { width, height, image, mask }: Omit<MaskedImage, 'variance'>,
  noise: SkyNoise,
  scale: number,
): ScienceImage {
  const square = scale * scale;
  return {
    width,
    height,
    image,
    mask,
    varianceAt: (x, y) => square * noise.varianceAt(x, y),
    fillVariance: (workspace, out) => noise.fill(workspace, out, square),
  };
}

/** Multiplies planes in place: an image by the factor. */
export function scalePlane(workspace: Workspace, image: Float32Array, width: number, factor: number): void {
  workspace.strips('scaleRows', image.length / width, [image.byteOffset, width, factor]);
}
