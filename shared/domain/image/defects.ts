import type { CalibrationFrame, DetectorRows } from './calibration-frames.ts';
import { frameStatistics } from './calibration-frames.ts';
import { MASK } from './masked-image.ts';
import { ImageRefused } from './refusal.ts';
import type { Workspace } from './workspace.ts';

/** What a frame of one kind shows of defects, found out from a sample of its rows. */
export interface DefectLimits {
  /** Pixels not within these are bad. */
  readonly low: number;
  readonly high: number;
  /** A column is bad in a stretch of rows where its level is this far from its neighbours'; undefined: not looked at. */
  readonly column?: number;
}

/** Narrowest frame on which a column has neighbours to compare it with. */
const LEAST_WIDTH = 16;

/** Dark current in ADU of the exposure above which its own shot noise, 15 e-, is a quarter of a dark sky's variance. */
const HOT_ADU = 200;

/** A bias is bad beyond 20 robust sigma (of at least 1 ADU), its columns beyond 10. */
export function biasLimits(frame: DetectorRows): DefectLimits {
  const { median, sigma } = frameStatistics(frame);
  const limit = 20 * Math.max(sigma, 1);
  return { low: median - limit, high: median + limit, column: limit / 2 };
}

/** Hot pixels, and those that the frame does not know. */
export function darkLimits(seconds: number): DefectLimits {
  const limit = seconds > 0 ? HOT_ADU / seconds : Number.POSITIVE_INFINITY;
  return { low: -limit, high: limit };
}

/**
 * A flat is bad below half and above twice its median, its columns where they differ by 5 % of it.
 *
 * @returns the median too, of the positive pixels
 */
export function flatLimits(frame: DetectorRows): DefectLimits & { readonly level: number } {
  const { median } = frameStatistics(frame, 0);
  if (!(median > 0)) throw new ImageRefused('the flat frame has no positive pixel');
  return { level: median, low: median / 2, high: median * 2, column: 0.05 * median };
}

/**
 * Marks as BAD what rows [y0, y1) of a frame show.
 *
 * @param rows those rows, in the workspace
 * @param masked room of that size in the workspace, for the rows of the frame's own mask
 * @param mask the detector's plane in the workspace
 */
export function markDefects(
  workspace: Workspace,
  frame: CalibrationFrame,
  limits: DefectLimits,
  rows: Float32Array,
  masked: Float32Array,
  mask: Uint16Array,
  y0: number,
  y1: number,
): void {
  const { width } = frame;
  const target = mask.byteOffset + 2 * y0 * width;
  const mark = (values: Float32Array, low: number, high: number): void =>
    workspace.strips('markOutsideRows', y1 - y0, [values.byteOffset, low, high, target, MASK.BAD, width]);
  mark(rows, limits.low, limits.high);
  if (frame.defects !== undefined) {
    frame.defects.read(y0, y1, masked);
    mark(masked, -0.5, 0.5);
  }
  if (limits.column === undefined || width < LEAST_WIDTH) return;
  const levels = workspace.floats(width + 4);
  const args = [rows.byteOffset, width, y1 - y0, limits.column, levels.byteOffset, target, MASK.BAD];
  workspace.strips('markColumns', width, args);
  workspace.release(levels);
}
