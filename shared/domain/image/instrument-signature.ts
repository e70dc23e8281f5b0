import type { Header } from '../fits/header.ts';
import type { ImageRows } from '../fits/open.ts';
import { cardOf, type Placement, placementInFile, type Section } from './amplifiers.ts';
import { applyCalibrations, type CalibrationBytes } from './apply-calibrations.ts';
import type { ImageConfig } from './config.ts';
import { MASK } from './masked-image.ts';
import { measureOverscan, type Overscan } from './overscan.ts';
import { isCovered, type RawFrame } from './raw-frame.ts';
import { ImageRefused } from './refusal.ts';
import { type FullWell, growSaturation } from './saturation.ts';
import type { Workspace } from './workspace.ts';

export type { CalibrationBytes } from './apply-calibrations.ts';
export { openRaw, type RawFrame } from './raw-frame.ts';

/** Planes of width x height in the workspace. */
export interface ExposurePlanes {
  /** Electrons, sky still in it. */
  readonly image: Float32Array;
  readonly mask: Uint16Array;
}

/** What the noise of a part of the detector follows from: variance = (electrons + readNoise²) where the flat is 1. */
export interface AmplifierNoise extends FullWell {
  readonly name: string;
  readonly detector: Section;
  /** Electrons per ADU. */
  readonly gain: number;
  /** Electrons. */
  readonly readNoise: number;
}

export interface Signature {
  /** Electrons per ADU, the mean of the amplifiers'. */
  readonly gain: number;
  /** Electrons, the mean of the amplifiers'. */
  readonly readNoise: number;
  readonly amplifiers: readonly AmplifierNoise[];
  /** False when the frame had no overscan, which is why nothing was removed. */
  readonly signatureRemoved: boolean;
}

/**
 * Instrument signature removal into the caller's planes: overscan, bias, dark, gain, crosstalk, flat; saturated pixels
 * masked with their bleed and grown by 2 px, defects of the calibration frames masked as BAD, pixels of no amplifier as
 * NO_DATA and 0. A frame without overscan is taken as signature-free and only converted to electrons. Beside the planes
 * there is never more than one amplifier, or 64 rows of one calibration frame and of its mask.
 */
export function removeInstrumentSignature(
  raw: RawFrame,
  calibrations: CalibrationBytes,
  config: ImageConfig,
  planes: ExposurePlanes,
  workspace: Workspace,
): Signature {
  const saturatedRows = workspace.bytes(raw.height).fill(0);
  const target = { ...planes, width: raw.width, saturatedRows };
  if (raw.reduced === undefined && !isCovered(raw)) {
    planes.image.fill(0);
    planes.mask.fill(MASK.NO_DATA);
  }
  const amplifiers =
    raw.reduced === undefined
      ? assembleAmplifiers(raw, config, target, workspace)
      : [assembleReduced(raw, raw.reduced, config, target, workspace)];
  // Bleeding is judged by the full well, which calibration changes by the percents of a flat.
  growSaturation(workspace, planes.image, planes.mask, raw.width, saturatedRows, amplifiers);
  if (raw.reduced === undefined) applyCalibrations(workspace, raw, calibrations, amplifiers, planes);
  workspace.release(saturatedRows);
  const mean = (of: (each: AmplifierNoise) => number): number =>
    amplifiers.reduce((sum, each) => sum + of(each), 0) / amplifiers.length;
  return {
    gain: mean(({ gain }) => gain),
    readNoise: mean(({ readNoise }) => readNoise),
    amplifiers,
    signatureRemoved: raw.reduced === undefined,
  };
}

interface Target extends ExposurePlanes {
  readonly width: number;
  readonly saturatedRows: Uint8Array;
}

/** Overscan off, gain on, to its place on the detector: one amplifier at a time. */
function assembleAmplifiers(
  { amplifiers, primary }: RawFrame,
  config: ImageConfig,
  target: Target,
  workspace: Workspace,
): AmplifierNoise[] {
  const pixels = workspace.floats(
    Math.max(...amplifiers.map(({ image: { width, height } }) => width * height)),
  );
  const noises = amplifiers.map((amplifier): AmplifierNoise => {
    const { image, data, header, name, detector } = amplifier;
    image.read(0, image.height, pixels);
    const overscan = measureOverscan(pixels, amplifier);
    const gain = gainOf(header, primary, config);
    const saturation = cardOf(header, primary, 'SATURATE') ?? config.saturationAdu;
    assemble(workspace, target, overscan, {
      pixels: pixels.byteOffset + 4 * (data.y0 * image.width + data.x0),
      rawWidth: image.width,
      placement: placementInFile(amplifier, target.width),
      gain,
      saturation,
    });
    return {
      name,
      detector,
      gain,
      readNoise: cardOf(header, primary, 'RDNOISE') ?? overscan.readNoise * gain,
      saturationElectrons: (saturation - overscan.rows[overscan.rows.length >> 1]) * gain,
    };
  });
  workspace.release(pixels);
  return noises;
}

/** A frame that comes reduced: one image, in ADU, perhaps without its sky. */
function assembleReduced(
  { width, height, primary }: RawFrame,
  { header, image }: { readonly header: Header; readonly image: ImageRows },
  config: ImageConfig,
  target: Target,
  workspace: Workspace,
): AmplifierNoise {
  const gain = gainOf(header, primary, config);
  const saturation = cardOf(header, primary, 'SATURATE') ?? config.saturationAdu;
  image.read(0, height, target.image);
  const nothing = { rows: new Float64Array(height), columns: new Float32Array(width), readNoise: 0 };
  assemble(workspace, target, nothing, {
    pixels: target.image.byteOffset,
    rawWidth: width,
    placement: { first: 0, stepX: 1, stepY: width },
    gain,
    saturation,
  });
  return {
    name: 'the frame',
    detector: { x0: 0, x1: width, y0: 0, y1: height, flipX: false, flipY: false },
    gain,
    readNoise: cardOf(header, primary, 'RDNOISE') ?? config.readNoise,
    saturationElectrons: saturation * gain,
  };
}

function gainOf(header: Header, primary: Header, config: ImageConfig): number {
  const gain = cardOf(header, primary, 'GAIN') ?? config.gain;
  if (gain > 0) return gain;
  throw new ImageRefused(`GAIN is ${gain} and must be positive`);
}

function assemble(
  workspace: Workspace,
  { image, mask, width, saturatedRows }: Target,
  overscan: Overscan,
  from: { pixels: number; rawWidth: number; placement: Placement; gain: number; saturation: number },
): void {
  const levels = workspace.doubles(overscan.rows.length);
  const offsets = workspace.floats(overscan.columns.length);
  levels.set(overscan.rows);
  offsets.set(overscan.columns);
  const { first, stepX, stepY } = from.placement;
  workspace.strips('assembleRows', levels.length, [
    ...[from.pixels, from.rawWidth, offsets.length, levels.byteOffset, offsets.byteOffset],
    ...[image.byteOffset, mask.byteOffset, width, first, stepX, stepY],
    ...[from.gain, from.saturation, saturatedRows.byteOffset],
  ]);
  workspace.release(levels, offsets);
}
