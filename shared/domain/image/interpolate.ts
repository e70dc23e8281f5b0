import { MASK, type MaskedImage } from './masked-image.ts';

/**
 * Replaces pixels that have any bit of `bits` by the line between the nearest good pixels of their row (defects run
 * along columns), or the one there is; a row without any takes the nearest row's values. Marks them INTRP.
 */
export function interpolateMasked(
  { width, height, image, mask }: Pick<MaskedImage, 'width' | 'height' | 'image' | 'mask'>,
  bits: number,
): void {
  const empty: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    const end = row + width;
    for (let at = row; at < end; at++) {
      if ((mask[at] & bits) === 0) continue;
      const first = at;
      while (at < end && (mask[at] & bits) !== 0) at++;
      if (first === row && at === end) empty.push(y);
      else fill(image, mask, first, at, first > row, at < end);
    }
  }
  if (empty.length < height) fillRows(image, mask, width, empty);
}

/** Fills the pixels [first, end) of a row between its good neighbours, of which there is at least one. */
function fill(
  image: Float32Array,
  mask: Uint16Array,
  first: number,
  end: number,
  hasLeft: boolean,
  hasRight: boolean,
): void {
  const from = hasLeft ? image[first - 1] : image[end];
  const to = hasRight ? image[end] : from;
  const length = end - first + 1;
  for (let at = first; at < end; at++) {
    image[at] = from + ((to - from) * (at - first + 1)) / length;
    mask[at] |= MASK.INTRP;
  }
}

/** Copies the nearest row that is known, the one below where two are as near, into each row without a good pixel. */
function fillRows(image: Float32Array, mask: Uint16Array, width: number, empty: readonly number[]): void {
  const height = mask.length / width;
  for (let k = 0; k < empty.length; ) {
    let end = k + 1;
    while (end < empty.length && empty[end] === empty[end - 1] + 1) end++;
    const [below, above] = [empty[k] - 1, empty[end - 1] + 1];
    for (; k < end; k++) {
      const y = empty[k];
      const from = above >= height || (below >= 0 && y - below <= above - y) ? below : above;
      image.copyWithin(y * width, from * width, (from + 1) * width);
      for (let at = y * width; at < (y + 1) * width; at++) mask[at] |= MASK.INTRP;
    }
  }
}
