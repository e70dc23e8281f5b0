import { type Header, numberOf, textOf } from '../fits/header.ts';
import type { ImageRows, OpenHdu } from '../fits/open.ts';
import { ImageRefused } from './refusal.ts';

/** A section of pixels, 0-based, ends exclusive; `flipX`: the FITS text counts down ([509:1,...]). */
export interface Section {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly flipX: boolean;
  readonly flipY: boolean;
}

/** One amplifier of a raw: where its data and its overscans are in the HDU, and where its data belong on the detector. */
export interface Amplifier {
  /** EXTNAME, or its number among the amplifiers. */
  readonly name: string;
  readonly image: ImageRows;
  readonly header: Header;
  /** DATASEC; its flips tell that the read-out ran against the file's order. */
  readonly data: Section;
  /** Columns and rows of the serial overscan; undefined where there are none, as in a calibration frame. */
  readonly serial: Section | undefined;
  /** DETSEC; its flips tell that the read-out ran against the detector's order. */
  readonly detector: Section;
}

/** An amplifier of a raw, which has a serial overscan. */
export type RawAmplifier = Amplifier & { readonly serial: Section };

export function hasOverscan(amplifier: Amplifier): amplifier is RawAmplifier {
  return amplifier.serial !== undefined;
}

/** Parses a FITS section `[x1:x2,y1:y2]` (1-based, inclusive; x1 > x2 means flipped). */
export function parseSection(text: string): Section {
  const match = /^\[\s*(\d+)\s*:\s*(\d+)\s*,\s*(\d+)\s*:\s*(\d+)\s*\]$/.exec(text.trim());
  if (match === null) throw new ImageRefused(`section '${text}' is not of the form [x1:x2,y1:y2]`);
  const [a, b, c, d] = match.slice(1).map(Number);
  return {
    x0: Math.min(a, b) - 1,
    x1: Math.max(a, b),
    y0: Math.min(c, d) - 1,
    y1: Math.max(c, d),
    flipX: a > b,
    flipY: c > d,
  };
}

/**
 * The amplifiers of a file in detector coordinates, by DATASEC, DETSEC and BIASSEC of each HDU and by nothing else.
 * Raws of LSSTCam state no BIASSEC: there the serial overscan is what is read after the data. An HDU without DATASEC or
 * DETSEC is no amplifier.
 */
export function amplifiersOf(hdus: readonly OpenHdu[]): Amplifier[] {
  const amplifiers: Amplifier[] = [];
  for (const { header, image } of hdus) {
    const [dataText, detectorText] = [textOf(header, 'DATASEC'), textOf(header, 'DETSEC')];
    if (image === undefined || dataText === undefined || detectorText === undefined) continue;
    const name = textOf(header, 'EXTNAME')?.trim() ?? `amplifier ${amplifiers.length + 1}`;
    const [data, detector] = [parseSection(dataText), parseSection(detectorText)];
    requireInside(name, 'DATASEC', data, image);
    if (data.x1 - data.x0 !== detector.x1 - detector.x0 || data.y1 - data.y0 !== detector.y1 - detector.y0) {
      throw new ImageRefused(`DATASEC and DETSEC of ${name} differ in size`);
    }
    amplifiers.push({
      name,
      header,
      image,
      data,
      detector,
      serial: serialOverscan(name, header, image, data),
    });
  }
  const left = Math.min(...amplifiers.map(({ detector }) => detector.x0));
  const bottom = Math.min(...amplifiers.map(({ detector }) => detector.y0));
  return amplifiers.map((amplifier) => ({
    ...amplifier,
    detector: shiftSection(amplifier.detector, -left, -bottom),
  }));
}

function shiftSection(section: Section, dx: number, dy: number): Section {
  const { x0, x1, y0, y1 } = section;
  return { ...section, x0: x0 + dx, x1: x1 + dx, y0: y0 + dy, y1: y1 + dy };
}

function serialOverscan(name: string, header: Header, image: ImageRows, data: Section): Section | undefined {
  const stated = textOf(header, 'BIASSEC');
  if (stated !== undefined) {
    const section = parseSection(stated);
    requireInside(name, 'BIASSEC', section, image);
    return section;
  }
  const [x0, x1] = data.flipX ? [0, data.x0] : [data.x1, image.width];
  return x1 > x0 ? { x0, x1, y0: 0, y1: image.height, flipX: false, flipY: false } : undefined;
}

function requireInside(name: string, keyword: string, section: Section, { width, height }: ImageRows): void {
  if (section.x0 >= 0 && section.y0 >= 0 && section.x1 <= width && section.y1 <= height) return;
  throw new ImageRefused(`${keyword} of ${name} reaches beyond its ${width}x${height} pixels`);
}

/** Most pixels of a detector, twice the largest of LSSTCam. Hostile headers shall not ask for more. */
const MOST_PIXELS = 2 ** 25;

/** Width and height of the detector that the amplifiers make up. */
export function detectorSize(amplifiers: readonly Amplifier[]): { width: number; height: number } {
  const width = Math.max(...amplifiers.map(({ detector }) => detector.x1));
  const height = Math.max(...amplifiers.map(({ detector }) => detector.y1));
  requireModest('the detector of DETSEC', width, height);
  for (const { name, image } of amplifiers) requireModest(name, image.width, image.height);
  return { width, height };
}

/** @throws ImageRefused where an image is too large to be a detector's */
export function requireModest(name: string, width: number, height: number): void {
  if (width * height <= MOST_PIXELS) return;
  throw new ImageRefused(`${name} has ${width}x${height} pixels, more than ${MOST_PIXELS}`);
}

/** Where an amplifier's data are on a detector of this width: the pixel of DATASEC's first one in the file, and the steps from there. */
export interface Placement {
  readonly first: number;
  readonly stepX: 1 | -1;
  /** Pixels from one row of the file to the next. */
  readonly stepY: number;
}

/** Of the file's rows and columns. */
export function placementInFile({ data, detector }: Amplifier, width: number): Placement {
  return place(detector, data.flipX !== detector.flipX, data.flipY !== detector.flipY, width);
}

/** Of the read-out's rows and columns, which is the order in which all amplifiers are read at once. */
export function placementInReadOut({ detector }: Amplifier, width: number): Placement {
  return place(detector, detector.flipX, detector.flipY, width);
}

function place({ x0, x1, y0, y1 }: Section, flipX: boolean, flipY: boolean, width: number): Placement {
  return {
    first: (flipY ? y1 - 1 : y0) * width + (flipX ? x1 - 1 : x0),
    stepX: flipX ? -1 : 1,
    stepY: flipY ? -width : width,
  };
}

/** The card's number, of the amplifier's own header or the file's first. */
export function cardOf(header: Header, primary: Header, keyword: string): number | undefined {
  return numberOf(header, keyword) ?? numberOf(primary, keyword);
}
