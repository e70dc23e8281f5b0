import type { Hdu } from '../fits/read.ts';
import type { ImageConfig } from './config.ts';
import { type CalibrationBytes, openRaw, removeInstrumentSignature } from './instrument-signature.ts';
import { blankImage, type MaskedImage } from './masked-image.ts';
import { createWorkspace } from './workspace.ts';

/** A detector with its instrument signature removed: electrons, sky still in it. */
export interface Exposure {
  readonly image: MaskedImage;
  /** Electrons per ADU, the mean of the amplifiers'. */
  readonly gain: number;
  /** Electrons. */
  readonly readNoise: number;
  /** False when the frame had no overscan, which is why nothing was removed. */
  readonly signatureRemoved: boolean;
}

/** {@link removeInstrumentSignature} for a file that is decoded already, into planes outside a workspace. */
export function removeSignature(
  hdus: readonly Hdu[],
  calibrations: CalibrationBytes,
  config: ImageConfig,
): Exposure {
  const raw = openRaw(
    hdus.map(({ header, image }) => ({
      header,
      image: image && {
        width: image.width,
        height: image.height,
        type: 'float32',
        read: (y0, y1, out, at = 0) => out.set(image.pixels.subarray(y0 * image.width, y1 * image.width), at),
      },
    })),
  );
  const workspace = createWorkspace();
  const size = raw.width * raw.height;
  const planes = { image: workspace.floats(size), mask: workspace.words(size) };
  const { gain, readNoise, signatureRemoved } = removeInstrumentSignature(
    raw,
    calibrations,
    config,
    planes,
    workspace,
  );
  const image = blankImage(raw.width, raw.height);
  image.image.set(planes.image);
  image.mask.set(planes.mask);
  for (let i = 0; i < size; i++) image.variance[i] = Math.max(0, image.image[i]) + readNoise * readNoise;
  return { image, gain, readNoise, signatureRemoved };
}
