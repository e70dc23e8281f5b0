import { readFits } from '../fits/read.ts';
import type { Wcs } from '../sky/wcs.ts';
import { measureBackground, subtractBackground } from './background.ts';
import { blankImage, MASK, type MaskedImage, UNUSABLE } from './masked-image.ts';
import { ImageRefused } from './refusal.ts';
import { coverage, readTemplateTile, warpInto } from './warp.ts';

/**
 * The template on the image's pixels: tiles warped one after the other (the first that has a pixel gives it), its
 * background subtracted, 0 where no tile reaches.
 *
 * @throws ImageRefused when the tiles cover less than `least` of the image
 */
export function warpTemplates(
  templates: readonly { readonly bytes: Uint8Array }[],
  { width, height }: MaskedImage,
  wcs: Wcs,
  least: number,
): { template: MaskedImage; fraction: number } {
  const template = blankImage(width, height);
  const { image, mask } = template;
  mask.fill(MASK.NO_DATA);
  for (const { bytes } of templates) warpInto(template, wcs, readTemplateTile(readFits(bytes)));
  const fraction = coverage(template);
  if (fraction < least) {
    const percent = (100 * fraction).toFixed(1);
    throw new ImageRefused(`templates cover ${percent} % of the detector, less than ${100 * least} %`);
  }
  subtractBackground(image, measureBackground(image, mask, width, height, UNUSABLE));
  for (let i = 0; i < image.length; i++) if ((mask[i] & MASK.NO_DATA) !== 0) image[i] = 0;
  return { template, fraction };
}
