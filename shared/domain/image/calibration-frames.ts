import { textOf } from '../fits/header.ts';
import { type ImageRows, type OpenHdu, openFits } from '../fits/open.ts';
import { type Amplifier, amplifiersOf, placementInFile } from './amplifiers.ts';
import { ImageRefused } from './refusal.ts';
import { medianInPlace, robustSigmaInPlace } from './statistics.ts';

/** An image on the detector's pixels that is read by rows. */
export interface DetectorRows {
  readonly width: number;
  readonly height: number;
  /** Rows [y0, y1) into `out`. */
  read(y0: number, y1: number, out: Float32Array): void;
}

/** A calibration frame, of which no more than the rows that are asked for is ever decoded. */
export interface CalibrationFrame extends DetectorRows {
  /** Non-zero where the frame's own MASK HDU says that the pixel is bad. */
  readonly defects?: DetectorRows;
}

/**
 * Opens a calibration frame: one image of the detector's size (and a MASK HDU of the same size), or one image an
 * amplifier with DATASEC and DETSEC, which is assembled; its overscan counts as already removed.
 */
export function openCalibrationFrame(
  kind: string,
  bytes: Uint8Array,
  width: number,
  height: number,
): CalibrationFrame {
  const hdus = openFits(bytes);
  const isMask = ({ header }: OpenHdu): boolean => textOf(header, 'EXTNAME')?.toUpperCase() === 'MASK';
  const mask = hdus.find(isMask)?.image;
  const amplifiers = amplifiersOf(hdus);
  const image =
    amplifiers.length > 0
      ? assembledRows(amplifiers, width, height)
      : hdus.find((hdu) => hdu.image !== undefined && !isMask(hdu))?.image;
  const frame = sized(`${kind} frame`, image, width, height);
  return mask === undefined
    ? frame
    : { ...frame, defects: sized(`mask of the ${kind} frame`, mask, width, height) };
}

function sized(
  name: string,
  image: ImageRows | DetectorRows | undefined,
  width: number,
  height: number,
): DetectorRows {
  if (image?.width === width && image.height === height) {
    return { width, height, read: (y0, y1, out) => image.read(y0, y1, out) };
  }
  const size = image === undefined ? 'without an image' : `${image.width}x${image.height}`;
  throw new ImageRefused(`the ${name} is ${size}, the detector ${width}x${height}`);
}

/** One image an amplifier as rows of the detector. */
function assembledRows(amplifiers: readonly Amplifier[], width: number, height: number): DetectorRows {
  let rows = new Float32Array(0);
  return {
    width: Math.max(...amplifiers.map(({ detector }) => detector.x1)),
    height: Math.max(...amplifiers.map(({ detector }) => detector.y1)),
    read(y0, y1, out) {
      out.fill(Number.NaN, 0, (y1 - y0) * width);
      for (const amplifier of amplifiers) {
        const { data, detector, image } = amplifier;
        const [bottom, top] = [Math.max(y0, detector.y0), Math.min(y1, detector.y1)];
        if (bottom >= top || detector.x1 > width || detector.y1 > height) continue;
        const { stepX, stepY } = placementInFile(amplifier, width);
        const down = stepY < 0;
        const first = data.y0 + (down ? detector.y1 - top : bottom - detector.y0);
        if (rows.length < (top - bottom) * image.width) rows = new Float32Array((top - bottom) * image.width);
        image.read(first, first + top - bottom, rows);
        for (let y = bottom; y < top; y++) {
          const from = (down ? top - 1 - y : y - bottom) * image.width + data.x0;
          let to = (y - y0) * width + (stepX < 0 ? detector.x1 - 1 : detector.x0);
          for (let x = 0; x < data.x1 - data.x0; x++, to += stepX) out[to] = rows[from + x];
        }
      }
    },
  };
}

/** Rows that stand for a frame: 64 of 4,000 and every third pixel of them tell its level to 1 % of its scatter. */
const SAMPLED_ROWS = 64;
const SAMPLED_COLUMNS = 3;

/** Median and robust sigma of the frame's finite pixels above `least`, by a sample of its rows; NaN where it has none. */
export function frameStatistics(
  frame: DetectorRows,
  least = Number.NEGATIVE_INFINITY,
): { median: number; sigma: number } {
  const stride = Math.max(1, Math.floor(frame.height / SAMPLED_ROWS));
  const row = new Float32Array(frame.width);
  const values = new Float32Array(
    Math.ceil(frame.height / stride) * Math.ceil(frame.width / SAMPLED_COLUMNS),
  );
  let count = 0;
  for (let y = stride >> 1; y < frame.height; y += stride) {
    frame.read(y, y + 1, row);
    // Starting elsewhere in each row, so that no pattern of columns falls into step.
    for (let x = y % SAMPLED_COLUMNS; x < frame.width; x += SAMPLED_COLUMNS) {
      if (row[x] > least && row[x] < Number.POSITIVE_INFINITY) values[count++] = row[x];
    }
  }
  return { median: medianInPlace(values, count), sigma: robustSigmaInPlace(values, count) };
}
