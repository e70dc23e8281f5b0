import type { Wcs } from '../sky/wcs.ts';
import { measureBackground } from './background-mesh.ts';
import { MASK, UNUSABLE } from './masked-image.ts';
import { backgroundSpline, subtractSpline } from './mesh-spline.ts';
import { ImageRefused } from './refusal.ts';
import type { TemplateImage } from './sky-images.ts';
import { blankTemplate, coverage, openTemplateTile, warpTile } from './warp-tile.ts';
import type { Workspace } from './workspace.ts';

/**
 * The template on an image's pixels: tiles warped one after the other (the first that has a pixel gives it), its
 * background subtracted, 0 where no tile reaches.
 *
 * @throws ImageRefused when the tiles cover less than `least` of the image
 */
export function assembleTemplate(
  workspace: Workspace,
  tiles: readonly { readonly bytes: Uint8Array }[],
  { width, height }: { readonly width: number; readonly height: number },
  wcs: Wcs,
  least: number,
): { template: TemplateImage; fraction: number } {
  const template = blankTemplate(workspace, width, height);
  const { image, mask } = template;
  for (const { bytes } of tiles) warpTile(workspace, template, wcs, openTemplateTile(bytes));
  const fraction = coverage(mask);
  if (fraction < least) {
    const percent = (100 * fraction).toFixed(1);
    throw new ImageRefused(`templates cover ${percent} % of the detector, less than ${100 * least} %`);
  }
  const background = measureBackground(workspace, image, mask, width, height, UNUSABLE);
  subtractSpline(workspace, image, backgroundSpline(background, 'level'));
  workspace.strips('blankRows', height, [image.byteOffset, mask.byteOffset, width, MASK.NO_DATA]);
  return { template, fraction };
}
