import { growMask, MASK, type MaskedImage } from './masked-image.ts';
import { medianInPlace, sample } from './statistics.ts';

/** A halo ends where the star has fallen to this many sigma of the sky in one pixel. */
const FAINTEST = 10;

/** Farthest pixel of a halo from the saturated core. */
const REACH = 60;

/**
 * Marks the halos of saturated stars as SUSPECT: the 21 px kernel cannot carry their wings, so rings stay. A halo is
 * what is connected with saturated pixels through pixels where the template (or, without one, the image) exceeds 10
 * sigma of the sky, at most 60 px far.
 */
export function markHalos(
  mask: Uint16Array,
  matched: Float32Array,
  science: MaskedImage,
  template: MaskedImage,
): void {
  const { width, height, image } = science;
  const sigma = Math.sqrt(medianInPlace(sample(science.variance, 13, (at) => science.variance[at] > 0)));
  const limit = FAINTEST * sigma;
  const distance = new Uint8Array(mask.length);
  let front: number[] = [];
  for (let i = 0; i < mask.length; i++) {
    if ((mask[i] & MASK.SAT) === 0 && (template.mask[i] & MASK.SAT) === 0) continue;
    distance[i] = 1;
    front.push(i);
  }
  for (let step = 2; step <= REACH && front.length > 0; step++) {
    const next: number[] = [];
    for (const at of front) {
      const x = at % width;
      for (const to of [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width]) {
        if (to < 0 || to >= width * height || distance[to] !== 0) continue;
        if (Math.max(matched[to], image[to]) < limit) continue;
        distance[to] = step;
        next.push(to);
      }
    }
    front = next;
  }
  for (let i = 0; i < mask.length; i++) if (distance[i] > 0) mask[i] |= MASK.SUSPECT;
  growMask(mask, width, height, MASK.SUSPECT, 8);
}
