import { numberOf } from '../fits/header.ts';
import type { Section } from './amplifiers.ts';
import { type CalibrationFrame, openCalibrationFrame } from './calibration-frames.ts';
import { parseCrosstalk, subtractCrosstalk } from './crosstalk.ts';
import { biasLimits, type DefectLimits, darkLimits, flatLimits, markDefects } from './defects.ts';
import type { KernelName } from './kernels/kernels.generated.ts';
import type { RawFrame } from './raw-frame.ts';
import { nameFile } from './refusal.ts';
import type { Workspace } from './workspace.ts';

/** The calibrations of a detector as bytes: FITS frames, and crosstalk.json. */
export interface CalibrationBytes {
  readonly bias?: Uint8Array;
  /** ADU a second. */
  readonly dark?: Uint8Array;
  readonly flat?: Uint8Array;
  readonly crosstalk?: Uint8Array;
}

/** Rows of a calibration frame that are decoded at a time: 1 MB, which stays in the cache. */
const STRIP = 64;

interface Detector {
  readonly workspace: Workspace;
  readonly image: Float32Array;
  readonly mask: Uint16Array;
  /** Each in rows of one amplifier, or of several side by side. */
  readonly strips: readonly (readonly [y0: number, y1: number])[];
}

/**
 * Bias, dark current, crosstalk and flat, in that order, each frame gone through once by strips; marks as BAD what the
 * frames show of defects.
 *
 * @param image of the raw in the workspace, electrons, as `mask`
 * @param gains electrons per ADU by part of the detector
 */
export function applyCalibrations(
  workspace: Workspace,
  { width, height, primary, amplifiers }: RawFrame,
  calibrations: CalibrationBytes,
  gains: readonly { readonly detector: Section; readonly gain: number }[],
  { image, mask }: { readonly image: Float32Array; readonly mask: Uint16Array },
): void {
  const seconds = numberOf(primary, 'DARKTIME') ?? numberOf(primary, 'EXPTIME') ?? 0;
  const detector = { workspace, image, mask, strips: stripsOf(gains, height) };
  // One frame after the other: its bytes are up to 66 MB that the next one's take the place of.
  const apply = (kind: 'bias' | 'dark' | 'flat', use: (frame: CalibrationFrame) => void): void => {
    const bytes = calibrations[kind];
    if (bytes) nameFile(`the ${kind} frame`, () => use(openCalibrationFrame(kind, bytes, width, height)));
  };
  apply('bias', (bias) => subtract(detector, bias, biasLimits(bias), 1, gains));
  apply('dark', (dark) => subtract(detector, dark, darkLimits(seconds), seconds, gains));
  if (calibrations.crosstalk)
    subtractCrosstalk(workspace, image, width, amplifiers, parseCrosstalk(calibrations.crosstalk));
  apply('flat', (flat) => {
    const limits = flatLimits(flat);
    forStrips(detector, flat, limits, 'flattenRows', () => [limits.level]);
  });
}

/** Takes the frame, in ADU, times a factor from the electrons of the image. */
function subtract(
  detector: Detector,
  frame: CalibrationFrame,
  limits: DefectLimits,
  factor: number,
  gains: readonly { readonly detector: Section; readonly gain: number }[],
): void {
  const columns = detector.workspace.floats(frame.width);
  forStrips(detector, frame, limits, 'subtractFrameRows', (y0) => {
    columns.fill(0);
    for (const { detector: part, gain } of gains)
      if (part.y0 <= y0 && part.y1 > y0) columns.fill(gain, part.x0, part.x1);
    return [factor, columns.byteOffset];
  });
  detector.workspace.release(columns);
}

/** Calls `kernel(image rows, frame rows, ...args, width)` for one strip after another, and marks the defects there. */
function forStrips(
  { workspace, image, mask, strips }: Detector,
  frame: CalibrationFrame,
  limits: DefectLimits,
  kernel: KernelName,
  argsAt: (y0: number) => readonly number[],
): void {
  const { width } = frame;
  const rows = workspace.floats(STRIP * width);
  const masked = workspace.floats(STRIP * width);
  for (const [y0, y1] of strips) {
    frame.read(y0, y1, rows);
    markDefects(workspace, frame, limits, rows, masked, mask, y0, y1);
    const at = image.byteOffset + 4 * y0 * width;
    workspace.strips(kernel, y1 - y0, [at, rows.byteOffset, ...argsAt(y0), width]);
  }
  workspace.release(rows, masked);
}

/** Strips of at most 64 rows, none of which holds rows of two amplifiers one above the other. */
function stripsOf(
  amplifiers: readonly { readonly detector: Section }[],
  height: number,
): (readonly [number, number])[] {
  const edges = new Set([0, height, ...amplifiers.flatMap(({ detector }) => [detector.y0, detector.y1])]);
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(1).flatMap((end, k) => {
    const count = Math.ceil((end - sorted[k]) / STRIP);
    return Array.from({ length: count }, (_, strip) => {
      const y0 = sorted[k] + strip * STRIP;
      return [y0, Math.min(end, y0 + STRIP)] as const;
    });
  });
}
