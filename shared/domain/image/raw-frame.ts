import type { Header } from '../fits/header.ts';
import type { ImageRows, OpenHdu } from '../fits/open.ts';
import { amplifiersOf, detectorSize, hasOverscan, type RawAmplifier, requireModest } from './amplifiers.ts';
import { ImageRefused } from './refusal.ts';

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

/** Whether the amplifiers lie side by side without a gap, so that they write every pixel: to clear 98 MB takes 25 ms. */
export function isCovered({ width, height, amplifiers }: RawFrame): boolean {
  const sections = amplifiers.map(({ detector }) => detector);
  const area = sections.reduce((sum, { x0, x1, y0, y1 }) => sum + (x1 - x0) * (y1 - y0), 0);
  const overlap = sections.some((a, k) =>
    sections.some((b, l) => l < k && a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1),
  );
  return area === width * height && !overlap;
}
