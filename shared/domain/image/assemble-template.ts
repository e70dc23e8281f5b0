import { type OpenHdu, openFits } from '../fits/open.ts';
import { hduNamed } from '../fits/read.ts';
import { type Wcs, wcsFromHeader } from '../sky/wcs.ts';
import { measureBackground } from './background-mesh.ts';
import { MASK, UNUSABLE } from './masked-image.ts';
import { backgroundSpline, subtractSpline } from './mesh-spline.ts';
import { ImageRefused } from './refusal.ts';
import type { TemplateImage } from './sky-images.ts';
import { skyNoise } from './sky-noise.ts';
import { blankTemplate, coverage, openTemplateTile, planeRows, warpTile } from './warp-tile.ts';
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
  for (const { bytes } of tiles) {
    const hdus = openFits(bytes);
    if (hduNamed(hdus, 'VARIANCE') === undefined) warpPlainImage(workspace, template, wcs, hdus);
    else warpTile(workspace, template, wcs, openTemplateTile(hdus));
  }
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

/** A template that is one image without a VARIANCE: it is what the scatter of its background shows. */
function warpPlainImage(
  workspace: Workspace,
  template: TemplateImage,
  wcs: Wcs,
  hdus: readonly OpenHdu[],
): void {
  const hdu = hduNamed(hdus, 'IMAGE') ?? hdus.find(({ image }) => image !== undefined);
  if (hdu?.image === undefined) throw new ImageRefused('a template holds no image');
  const { width, height } = hdu.image;
  const [image, variance] = [workspace.floats(width * height), workspace.floats(width * height)];
  const mask = workspace.words(width * height).fill(0);
  hdu.image.read(0, height, image);
  workspace.strips('screenRows', height, [
    ...[image.byteOffset, mask.byteOffset, width, MASK.NO_DATA, Number.POSITIVE_INFINITY, 0],
  ]);
  const background = measureBackground(workspace, image, mask, width, height, UNUSABLE);
  const unknown = background.level.map(() => Number.NaN);
  skyNoise({ ...background, level: unknown }, 0).fill(workspace, variance, 1);
  const planes = {
    image: planeRows(image, width),
    variance: planeRows(variance, width),
    mask: planeRows(mask, width),
  };
  warpTile(workspace, template, wcs, { width, height, wcs: wcsFromHeader(hdu.header), ...planes });
  workspace.release(image, variance, mask);
}
