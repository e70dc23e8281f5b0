import { pixelToSky, skyToPixel, type Wcs } from '../sky/wcs.ts';
import type { SkyPlane } from './patch.ts';
import { ImageRefused } from './refusal.ts';
import type { ScienceImage, TemplateImage } from './sky-images.ts';
import { blankTemplate, coverage, planeRows, warpTile } from './warp-tile.ts';
import type { Workspace } from './workspace.ts';

/** Pixels of the template on the science image's grid: as they are, or warped. Its own planes are used up. */
export function alignTemplate(
  workspace: Workspace,
  template: ScienceImage,
  templateWcs: Wcs | undefined,
  science: SkyPlane,
  wcs: Wcs | undefined,
): { image: TemplateImage; warped: boolean } {
  const sameSize = template.width === science.width && template.height === science.height;
  if (wcs === undefined || templateWcs === undefined) {
    if (sameSize) return { image: asTemplate(workspace, template), warped: false };
    throw new ImageRefused(
      `the images have ${science.width}x${science.height} and ${template.width}x${template.height} pixels, and not both have world coordinates to align them by`,
    );
  }
  if (sameSize && areAligned(wcs, templateWcs, science))
    return { image: asTemplate(workspace, template), warped: false };
  const image = blankTemplate(workspace, science.width, science.height);
  const variance = workspace.floats(template.image.length);
  template.fillVariance(workspace, variance);
  warpTile(workspace, image, wcs, {
    width: template.width,
    height: template.height,
    wcs: templateWcs,
    image: planeRows(template.image, template.width),
    variance: planeRows(variance, template.width),
    mask: planeRows(template.mask, template.width),
  });
  workspace.release(variance, template.image, template.mask);
  // Counts a pixel are compared by stars below, so the area that warping put in does not matter.
  if (coverage(image.mask) < 0.1)
    throw new ImageRefused(
      'the template covers less than 10 % of the science image by their world coordinates',
    );
  return { image, warped: true };
}

/** A template that needs no warping, its variance at half the resolution. */
function asTemplate(
  workspace: Workspace,
  { width, height, image, mask, varianceAt }: ScienceImage,
): TemplateImage {
  const columns = (width + 1) >> 1;
  const variance = workspace.floats(columns * ((height + 1) >> 1));
  for (let at = 0; at < variance.length; at++)
    variance[at] = varianceAt(2 * (at % columns), 2 * Math.floor(at / columns));
  return {
    width,
    height,
    image,
    mask,
    variance,
    varianceAt: (x, y) => variance[(y >> 1) * columns + (x >> 1)],
  };
}

/** The same sky within 0.02 px in the corners. */
function areAligned(a: Wcs, b: Wcs, { width, height }: SkyPlane): boolean {
  return [
    [0, 0],
    [width, 0],
    [0, height],
    [width, height],
  ].every(([x, y]) => {
    const { raDeg, decDeg } = pixelToSky(a, x, y);
    const at = skyToPixel(b, raDeg, decDeg);
    return at !== undefined && Math.hypot(at.x - x, at.y - y) < 0.02;
  });
}
