import KDBush from 'kdbush';
import { UNUSABLE } from './masked-image.ts';
import { adaptiveMoments, type Moments } from './moments.ts';
import type { SkyPlane } from './patch.ts';
import type { Peak } from './peaks.ts';
import { median } from './statistics.ts';
import { stellarLocus } from './stellar-locus.ts';

/** Something bright on one image: a star, a galaxy or a cosmic ray. */
export interface FoundObject extends Moments {
  /** Peak of the smoothed image over its noise. */
  readonly snr: number;
  /** A saturated, bad or missing pixel lies within 8 px. */
  readonly spoilt: boolean;
}

/** Most objects that are measured, brightest first; 3000 stars of a full detector are all of its useful ones. */
const MOST = 4000;

/** The brightest peaks measured, those that have the moments of an object. `sigma` is where the moments start. */
export function measureObjects(plane: SkyPlane, peaks: readonly Peak[], sigma: number): FoundObject[] {
  const { image, width, height } = plane;
  return peaks.slice(0, MOST).flatMap(({ x, y, snr }): FoundObject[] => {
    const moments = adaptiveMoments(image, width, height, x, y, sigma);
    return moments === undefined ? [] : [{ ...moments, snr, spoilt: isSpoilt(plane, x, y) }];
  });
}

function isSpoilt(
  { width, height, mask }: Pick<SkyPlane, 'width' | 'height' | 'mask'>,
  x: number,
  y: number,
): boolean {
  for (let j = Math.max(0, y - 8); j <= Math.min(height - 1, y + 8); j++) {
    for (let i = Math.max(0, x - 8); i <= Math.min(width - 1, x + 8); i++) {
      if ((mask[j * width + i] & UNUSABLE) !== 0) return true;
    }
  }
  return false;
}

/** Second-moment radius in pixels. */
export function objectRadius({ ixx, iyy }: Moments): number {
  return Math.sqrt((ixx + iyy) / 2);
}

/** Smallest radius of a star: FWHM 2.1 px. What is sharper is a cosmic ray. */
const SHARPEST = 0.9;

/**
 * Stars among the objects: of those of S/N over 40 (or the brightest ten) the unspoilt on the stellar locus that have no
 * neighbour. Brightest first.
 *
 * @param peaks everything that may be a neighbour
 */
export function selectStars(objects: readonly FoundObject[], peaks: readonly Peak[]): FoundObject[] {
  const usable = objects
    .map((object) => ({ ...object, radius: objectRadius(object) }))
    .filter(({ spoilt, radius }) => !spoilt && radius > SHARPEST);
  const strong = usable.filter(({ snr }) => snr > 40);
  const candidates = strong.length >= 10 ? strong : usable.filter(({ snr }) => snr > 15).slice(0, 10);
  const stars = stellarLocus(candidates);
  const isIsolated = isolation(peaks, Math.max(10, 7 * median(stars.map(({ radius }) => radius))));
  return stars.filter(isIsolated);
}

/** Tells whether no other peak of over 5 % of an object's S/N lies within reach. */
function isolation(peaks: readonly Peak[], reach: number): (object: FoundObject) => boolean {
  const index = new KDBush(Math.max(1, peaks.length));
  if (peaks.length === 0) index.add(0, 0);
  for (const { x, y } of peaks) index.add(x, y);
  index.finish();
  return ({ x, y, snr }) =>
    index.within(x, y, reach).every((k) => {
      const other = peaks[k];
      // Peaks are more than 2 px apart: a nearer one is the object's own.
      return other.snr < 0.05 * snr || Math.hypot(other.x - x, other.y - y) < 2;
    });
}
