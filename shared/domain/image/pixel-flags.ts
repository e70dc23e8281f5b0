import type { Footprint } from './detect.ts';
import { MASK, type MaskedImage } from './masked-image.ts';

/** What the mask holds in the footprint and in the 3x3 pixels around the centroid, by the schema's names. */
export function pixelFlags({ width, height, mask }: MaskedImage, footprint: Footprint, x: number, y: number) {
  let whole = 0;
  for (const at of footprint.pixels) whole |= mask[at];
  let centre = 0;
  for (let j = Math.max(0, Math.round(y) - 1); j <= Math.min(height - 1, Math.round(y) + 1); j++) {
    for (let i = Math.max(0, Math.round(x) - 1); i <= Math.min(width - 1, Math.round(x) + 1); i++)
      centre |= mask[j * width + i];
  }
  const has = (bits: number, bit: number): boolean => (bits & bit) !== 0;
  const saturated = MASK.SAT | MASK.SAT_TEMPLATE;
  const offImage = x < -0.5 || y < -0.5 || x > width - 0.5 || y > height - 0.5;
  return {
    pixelFlags: false,
    pixelFlags_bad: has(whole, MASK.BAD),
    pixelFlags_cr: has(whole, MASK.CR),
    pixelFlags_crCenter: has(centre, MASK.CR),
    pixelFlags_edge: has(whole, MASK.EDGE) || offImage,
    pixelFlags_nodata: has(whole, MASK.NO_DATA),
    pixelFlags_nodataCenter: has(centre, MASK.NO_DATA),
    pixelFlags_interpolated: has(whole, MASK.INTRP),
    pixelFlags_interpolatedCenter: has(centre, MASK.INTRP),
    pixelFlags_offimage: offImage,
    pixelFlags_saturated: has(whole, saturated),
    pixelFlags_saturatedCenter: has(centre, saturated),
    pixelFlags_suspect: has(whole, MASK.SUSPECT),
    pixelFlags_suspectCenter: has(centre, MASK.SUSPECT),
    pixelFlags_streak: has(whole, MASK.STREAK),
    pixelFlags_streakCenter: has(centre, MASK.STREAK),
    pixelFlags_injected: false,
    pixelFlags_injectedCenter: false,
    pixelFlags_injected_template: false,
    pixelFlags_injected_templateCenter: false,
  };
}
