import type { Header } from '../fits/header.ts';
import { numberOf } from '../fits/header.ts';
import type { ImageRows, OpenHdu } from '../fits/open.ts';
import {
  amplifiersOf,
  cardOf,
  detectorSize,
  hasOverscan,
  type Placement,
  placementInFile,
  type RawAmplifier,
  requireModest,
  type Section,
} from './amplifiers.ts';
import { type CalibrationFrame, openCalibrationFrame } from './calibration-frames.ts';
import type { ImageConfig } from './config.ts';
import { parseCrosstalk, subtractCrosstalk } from './crosstalk.ts';
import { biasLimits, type DefectLimits, darkLimits, flatLimits, markDefects } from './defects.ts';
import { MASK } from './masked-image.ts';
import { measureOverscan, type Overscan } from './overscan.ts';
import { ImageRefused } from './refusal.ts';
import { type FullWell, growSaturation } from './saturation.ts';
import type { Workspace } from './workspace.ts';

/** The calibrations of a detector as bytes: FITS frames, and crosstalk.json. */
export interface CalibrationBytes {
  readonly bias?: Uint8Array;
  /** ADU a second. */
  readonly dark?: Uint8Array;
  readonly flat?: Uint8Array;
  readonly crosstalk?: Uint8Array;
}

/** An opened raw and its size on the detector's pixels. */
export interface RawFrame {
  readonly width: number;
  readonly height: number;
  /** Of the file's first HDU. */
  readonly primary: Header;
  /** Empty for a frame that comes reduced, which is `reduced`. */
  readonly amplifiers: readonly RawAmplifier[];
  readonly reduced?: { readonly header: Header; readonly image: ImageRows };
}

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

/** What a raw is by its headers; without an amplifier that has an overscan it counts as reduced. */
export function openRaw(hdus: readonly OpenHdu[]): RawFrame {
  const amplifiers = amplifiersOf(hdus).filter(hasOverscan);
  const primary = hdus[0].header;
  if (amplifiers.length > 0) return { ...detectorSize(amplifiers), primary, amplifiers };
  for (const { header, image } of hdus) {
    if (image === undefined) continue;
    requireModest('the raw', image.width, image.height);
    return { width: image.width, height: image.height, primary, amplifiers, reduced: { header, image } };
  }
  throw new ImageRefused('the raw file holds no image');
}

/**
 * Instrument signature removal into the caller's planes: overscan, bias, dark, gain, crosstalk, flat; saturated pixels
 * masked with their bleed and grown by 2 px, defects of the calibration frames masked as BAD, pixels of no amplifier as
 * NO_DATA and 0. A frame without overscan is taken as signature-free and only converted to electrons. Beside the planes
 * there is never more than one amplifier and 64 rows of each calibration frame.
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
  if (raw.reduced === undefined) correct(raw, calibrations, amplifiers, planes, workspace);
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

/** Whether the amplifiers lie side by side without a gap, so that they write every pixel: to clear 98 MB takes 25 ms. */
function isCovered({ width, height, amplifiers }: RawFrame): boolean {
  const sections = amplifiers.map(({ detector }) => detector);
  const area = sections.reduce((sum, { x0, x1, y0, y1 }) => sum + (x1 - x0) * (y1 - y0), 0);
  const overlap = sections.some((a, k) =>
    sections.some((b, l) => l < k && a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1),
  );
  return area === width * height && !overlap;
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

/** Rows of the calibration frames that are decoded at a time: 1 MB each, which stays in the cache. */
const STRIP = 64;

interface Frame {
  readonly frame: CalibrationFrame;
  readonly limits: DefectLimits;
  readonly rows: Float32Array;
}

/** Bias, dark, crosstalk and flat, in that order; each frame is gone through once. */
function correct(
  { width, height, primary, amplifiers }: RawFrame,
  calibrations: CalibrationBytes,
  noises: readonly AmplifierNoise[],
  { image, mask }: ExposurePlanes,
  workspace: Workspace,
): void {
  const seconds = numberOf(primary, 'DARKTIME') ?? numberOf(primary, 'EXPTIME') ?? 0;
  const open = <Limits extends DefectLimits>(
    kind: 'bias' | 'dark' | 'flat',
    limitsOf: (frame: CalibrationFrame) => Limits,
  ) => {
    const bytes = calibrations[kind];
    if (bytes === undefined) return undefined;
    const frame = openCalibrationFrame(kind, bytes, width, height);
    return { frame, limits: limitsOf(frame), rows: workspace.floats(STRIP * width) };
  };
  const [bias, dark] = [open('bias', biasLimits), open('dark', () => darkLimits(seconds))];
  const flat = open('flat', flatLimits);
  const masked = workspace.floats(STRIP * width);
  const gains = workspace.floats(width);
  const read = ({ frame, limits, rows }: Frame, y0: number, y1: number): void => {
    frame.read(y0, y1, rows);
    markDefects(workspace, frame, limits, rows, masked, mask, y0, y1);
  };
  const strips = [...stripsOf(noises, height)];
  for (const [y0, y1] of bias === undefined && dark === undefined ? [] : strips) {
    gains.fill(0);
    for (const { detector, gain } of noises)
      if (detector.y0 < y1 && detector.y1 > y0) gains.fill(gain, detector.x0, detector.x1);
    const at = image.byteOffset + 4 * y0 * width;
    for (const [frame, factor] of [
      [bias, 1],
      [dark, seconds],
    ] as const) {
      if (frame === undefined) continue;
      read(frame, y0, y1);
      const args = [at, frame.rows.byteOffset, factor, gains.byteOffset, width];
      workspace.strips('subtractFrameRows', y1 - y0, args);
    }
  }
  if (calibrations.crosstalk !== undefined)
    subtractCrosstalk(workspace, image, width, amplifiers, parseCrosstalk(calibrations.crosstalk));
  for (const [y0, y1] of flat === undefined ? [] : strips) {
    if (flat === undefined) break;
    read(flat, y0, y1);
    const at = image.byteOffset + 4 * y0 * width;
    workspace.strips('flattenRows', y1 - y0, [at, flat.rows.byteOffset, flat.limits.level, width]);
  }
  workspace.release(masked, gains, ...[bias, dark, flat].flatMap((frame) => frame?.rows ?? []));
}

/** Strips of at most 64 rows, none of which holds rows of two amplifiers one above the other. */
function* stripsOf(amplifiers: readonly AmplifierNoise[], height: number): Generator<[number, number]> {
  const edges = new Set([0, height, ...amplifiers.flatMap(({ detector }) => [detector.y0, detector.y1])]);
  const sorted = [...edges].sort((a, b) => a - b);
  for (let k = 0; k + 1 < sorted.length; k++) {
    for (let y0 = sorted[k]; y0 < sorted[k + 1]; y0 += STRIP) yield [y0, Math.min(sorted[k + 1], y0 + STRIP)];
  }
}
