import { type Header, numberOf } from '../fits/header.ts';
import type { Hdu } from '../fits/read.ts';
import { type Amplifier, amplifiersOf, detectorSize } from './amplifiers.ts';
import {
  type CalibrationFrame,
  markDefects,
  normaliseFlat,
  readCalibrationFrame,
} from './calibration-frames.ts';
import type { ImageConfig } from './config.ts';
import { blankImage, growMask, MASK, type MaskedImage } from './masked-image.ts';
import { measureOverscan } from './overscan.ts';
import { ImageRefused } from './refusal.ts';

export interface CalibrationBytes {
  readonly bias?: Uint8Array;
  readonly dark?: Uint8Array;
  readonly flat?: Uint8Array;
}

/** A detector with its instrument signature removed: electrons, sky still in it. */
export interface Exposure {
  readonly image: MaskedImage;
  /** Electrons per ADU, the mean of the amplifiers'. */
  readonly gain: number;
  /** Electrons. */
  readonly readNoise: number;
  /** Absent when the frame had no overscan, which is why nothing was removed. */
  readonly signatureRemoved: boolean;
}

/**
 * Instrument signature removal in one pass an amplifier row: serial overscan, bias, dark, gain, flat; variance from
 * photon counts and read noise; saturated pixels masked with their bleed and grown by 2 px, defects of the calibration
 * frames masked as BAD. A frame without overscan is taken as signature-free and only converted to electrons.
 */
export function removeSignature(
  hdus: readonly Hdu[],
  calibrations: CalibrationBytes,
  config: ImageConfig,
): Exposure {
  const amplifiers = amplifiersOf(hdus);
  if (amplifiers.length === 0) return plainExposure(hdus, config);
  const { width, height } = detectorSize(amplifiers);
  const read = (kind: 'bias' | 'dark' | 'flat'): CalibrationFrame | undefined => {
    const bytes = calibrations[kind];
    return bytes === undefined ? undefined : readCalibrationFrame(kind, bytes, width, height);
  };
  const flat = read('flat');
  const frames = {
    bias: read('bias'),
    dark: read('dark'),
    flat: flat === undefined ? undefined : normaliseFlat(flat),
  };
  const image = blankImage(width, height);
  image.mask.fill(MASK.NO_DATA);
  const primary = hdus[0].header;
  const darkSeconds = numberOf(primary, 'DARKTIME') ?? numberOf(primary, 'EXPTIME') ?? 0;
  const noises: number[] = [];
  const gains: number[] = [];
  for (const amplifier of amplifiers) {
    const gain = cardOf(amplifier.header, primary, 'GAIN') ?? config.gain;
    const readNoise = assemble(amplifier, image, frames, {
      gain,
      darkSeconds,
      saturation: saturationOf(amplifier.header, primary, config),
      readNoise: cardOf(amplifier.header, primary, 'RDNOISE'),
    });
    gains.push(gain);
    noises.push(readNoise);
  }
  spreadSaturation(image);
  markDefects(image.mask, width, height, frames);
  return { image, gain: mean(gains), readNoise: mean(noises), signatureRemoved: true };
}

function assemble(
  amplifier: Amplifier,
  target: MaskedImage,
  frames: { bias?: CalibrationFrame; dark?: CalibrationFrame; flat?: CalibrationFrame },
  facts: { gain: number; darkSeconds: number; saturation: number; readNoise?: number },
): number {
  const { image, data, detector } = amplifier;
  const overscan = measureOverscan(amplifier);
  const readNoise = facts.readNoise ?? overscan.readNoise * facts.gain;
  const step = detector.flipX ? -1 : 1;
  for (let row = 0; row < data.y1 - data.y0; row++) {
    const y = detector.flipY ? detector.y1 - 1 - row : detector.y0 + row;
    const from = (data.y0 + row) * image.width;
    let to = y * target.width + (detector.flipX ? detector.x1 - 1 : detector.x0);
    for (let x = data.x0; x < data.x1; x++, to += step) {
      const raw = image.pixels[from + x];
      let adu = raw - overscan.level[row];
      if (frames.bias !== undefined) adu -= frames.bias.pixels[to];
      if (frames.dark !== undefined) adu -= frames.dark.pixels[to] * facts.darkSeconds;
      const reciprocal =
        frames.flat === undefined || !(frames.flat.pixels[to] > 0) ? 1 : 1 / frames.flat.pixels[to];
      const electrons = adu * facts.gain;
      target.image[to] = electrons * reciprocal;
      target.variance[to] = (Math.max(0, electrons) + readNoise * readNoise) * reciprocal * reciprocal;
      target.mask[to] = raw >= facts.saturation ? MASK.SAT : 0;
    }
  }
  return readNoise;
}

/** Bleed trails run along columns: SAT spreads there while the pixel holds over half of the faintest saturated one. */
function spreadSaturation({ width, height, image, mask }: MaskedImage): void {
  let faintest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < mask.length; i++)
    if ((mask[i] & MASK.SAT) !== 0 && image[i] < faintest) faintest = image[i];
  if (faintest === Number.POSITIVE_INFINITY) return;
  const spread = (from: number, to: number): void => {
    if ((mask[from] & MASK.SAT) !== 0 && image[to] > 0.5 * faintest) mask[to] |= MASK.SAT;
  };
  for (let i = width; i < mask.length; i++) spread(i - width, i);
  for (let i = mask.length - 1 - width; i >= 0; i--) spread(i + width, i);
  growMask(mask, width, height, MASK.SAT, 2);
}

/** A frame that comes reduced: one image, in ADU, perhaps without its sky. */
function plainExposure(hdus: readonly Hdu[], config: ImageConfig): Exposure {
  const hdu = hdus.find((candidate) => candidate.image !== undefined);
  if (hdu?.image === undefined) throw new ImageRefused('the raw file holds no image');
  const { width, height, pixels } = hdu.image;
  const primary = hdus[0].header;
  const gain = cardOf(hdu.header, primary, 'GAIN') ?? config.gain;
  const readNoise = cardOf(hdu.header, primary, 'RDNOISE') ?? config.readNoise;
  const saturation = saturationOf(hdu.header, primary, config);
  const image = blankImage(width, height);
  for (let i = 0; i < pixels.length; i++) {
    if (!Number.isFinite(pixels[i])) image.mask[i] = MASK.NO_DATA;
    else {
      image.image[i] = pixels[i] * gain;
      image.variance[i] = Math.max(0, image.image[i]) + readNoise * readNoise;
      if (pixels[i] >= saturation) image.mask[i] = MASK.SAT;
    }
  }
  spreadSaturation(image);
  return { image, gain, readNoise, signatureRemoved: false };
}

function saturationOf(header: Header, primary: Header, config: ImageConfig): number {
  return cardOf(header, primary, 'SATURATE') ?? config.saturationAdu;
}

function cardOf(header: Header, primary: Header, keyword: string): number | undefined {
  return numberOf(header, keyword) ?? numberOf(primary, keyword);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
