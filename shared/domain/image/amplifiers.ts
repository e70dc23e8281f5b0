import { type Header, numberOf, textOf } from '../fits/header.ts';
import type { Hdu, Image } from '../fits/read.ts';
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

/** One amplifier of a raw: where its data and its serial overscan are in the HDU, and where its data belong on the detector. */
export interface Amplifier {
  readonly image: Image;
  readonly header: Header;
  readonly data: Section;
  readonly bias: Section;
  readonly detector: Section;
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
 * The amplifiers of a raw in detector coordinates, by DATASEC, BIASSEC and DETSEC of each HDU and by nothing else.
 * Empty when no HDU has all three: a frame without overscan.
 */
export function amplifiersOf(hdus: readonly Hdu[]): Amplifier[] {
  const amplifiers = hdus.flatMap(({ header, image }): Amplifier[] => {
    const [data, bias, detector] = ['DATASEC', 'BIASSEC', 'DETSEC'].map((keyword) => textOf(header, keyword));
    if (image === undefined || data === undefined || bias === undefined || detector === undefined) return [];
    return [
      { image, header, data: parseSection(data), bias: parseSection(bias), detector: parseSection(detector) },
    ];
  });
  const left = Math.min(...amplifiers.map(({ detector }) => detector.x0));
  const bottom = Math.min(...amplifiers.map(({ detector }) => detector.y0));
  return amplifiers.map((amplifier) => {
    checkGeometry(amplifier);
    const { detector } = amplifier;
    return {
      ...amplifier,
      detector: {
        ...detector,
        x0: detector.x0 - left,
        x1: detector.x1 - left,
        y0: detector.y0 - bottom,
        y1: detector.y1 - bottom,
      },
    };
  });
}

function checkGeometry({ image, data, bias, detector, header }: Amplifier): void {
  const name = textOf(header, 'EXTNAME') ?? `amplifier ${numberOf(header, 'EXTVER') ?? ''}`;
  for (const [keyword, section] of Object.entries({ DATASEC: data, BIASSEC: bias })) {
    if (section.x1 > image.width || section.y1 > image.height) {
      throw new ImageRefused(
        `${keyword} of ${name} reaches beyond its ${image.width}x${image.height} pixels`,
      );
    }
  }
  if (data.x1 - data.x0 !== detector.x1 - detector.x0 || data.y1 - data.y0 !== detector.y1 - detector.y0) {
    throw new ImageRefused(`DATASEC and DETSEC of ${name} differ in size`);
  }
}

/** Width and height of the detector that the amplifiers make up. */
export function detectorSize(amplifiers: readonly Amplifier[]): { width: number; height: number } {
  return {
    width: Math.max(...amplifiers.map(({ detector }) => detector.x1)),
    height: Math.max(...amplifiers.map(({ detector }) => detector.y1)),
  };
}
