import { MASK, type MaskedImage } from './masked-image.ts';

/**
 * Replaces pixels that have any bit of `bits` by the line between the nearest good pixels of their row (defects run
 * along columns), or the one there is; a row without any takes the nearest row's values. Marks them INTRP.
 */
export function interpolateMasked({ width, height, image, mask }: MaskedImage, bits: number): void {
  let empty: number[] = [];
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let good = -1;
    let any = false;
    for (let x = 0; x <= width; x++) {
      if (x < width && (mask[row + x] & bits) !== 0) continue;
      if (x < width) any = true;
      if (x - good > 1 && (good >= 0 || x < width)) fill(image, mask, row, good, x, width);
      good = x;
    }
    if (!any) empty.push(y);
  }
  if (empty.length === height) return;
  while (empty.length > 0) {
    const known = new Set(empty);
    empty = empty.filter((y) => {
      const from = !known.has(y - 1) && y > 0 ? y - 1 : !known.has(y + 1) && y + 1 < height ? y + 1 : -1;
      if (from < 0) return true;
      image.copyWithin(y * width, from * width, (from + 1) * width);
      for (let x = 0; x < width; x++) mask[y * width + x] |= MASK.INTRP;
      return false;
    });
  }
}

/** Fills the pixels between the good columns `left` (-1: none) and `right` (width: none) of a row. */
function fill(
  image: Float32Array,
  mask: Uint16Array,
  row: number,
  left: number,
  right: number,
  width: number,
): void {
  const from = left >= 0 ? image[row + left] : image[row + right];
  const to = right < width ? image[row + right] : from;
  for (let x = left + 1; x < right; x++) {
    image[row + x] = from + ((to - from) * (x - left)) / (right - left);
    mask[row + x] |= MASK.INTRP;
  }
}
