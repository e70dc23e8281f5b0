import { apertureOn } from './aperture.ts';
import { MASK, UNUSABLE } from './masked-image.ts';
import type { SkyPlane } from './patch.ts';
import { ImageRefused } from './refusal.ts';
import { median } from './statistics.ts';

/** Radius of the aperture in FWHM: what the worse seeing loses, up to 5 %, the matching kernel's sum puts right. */
const APERTURE = 2;

/** Whether all pixels of a star's aperture have been seen. */
function isWhole({ width, height, mask }: SkyPlane, x: number, y: number, radius: number): boolean {
  const [cx, cy, reach] = [x, y, radius].map(Math.round);
  for (let j = Math.max(0, cy - reach); j <= Math.min(height - 1, cy + reach); j++) {
    for (let i = Math.max(0, cx - reach); i <= Math.min(width - 1, cx + reach); i++)
      if ((mask[j * width + i] & (UNUSABLE | MASK.INTRP)) !== 0) return false;
  }
  return true;
}

/**
 * Science counts for one template count: the median of the fluxes of the 50 brightest stars that are whole on the
 * template, too. A sharper template saturates earlier: in a crowded field the 50 brightest of the science image all had.
 */
export function relativeScale(
  science: SkyPlane,
  template: SkyPlane,
  stars: readonly { x: number; y: number }[],
  fwhm: number,
): number {
  const radius = APERTURE * fwhm;
  const whole = stars.filter(({ x, y }) => isWhole(template, x, y, radius));
  const ratios = whole.slice(0, 50).flatMap(({ x, y }) => {
    const a = apertureOn(science, x, y, radius);
    const b = apertureOn(template, x, y, radius);
    return a.truncated || !(b.flux > 5 * b.fluxErr) ? [] : [a.flux / b.flux];
  });
  const scale = median(ratios);
  if (!(scale > 0)) throw new ImageRefused('no star of the science image is on the template');
  return scale;
}
