import type { CalibratedExposure } from './calibrate-exposure.ts';
import { relativeScale } from './relative-scale.ts';
import { scalePlane, scienceImage, type TemplateImage } from './sky-images.ts';
import { matchTemplate } from './star-field.ts';
import type { Workspace } from './workspace.ts';

/**
 * The exposure in nJy, and its match with the template. Where nothing else tells the scale, the template does: by the
 * stars' apertures first, then by the sum of the kernel that these give, which does not depend on the seeing.
 */
export function matchInNjy(workspace: Workspace, exposure: CalibratedExposure, template: TemplateImage) {
  const { electrons, noise, field, psf } = exposure;
  const attempt = (njyPerElectron: number, already: number) => {
    scalePlane(workspace, electrons.image, electrons.width, njyPerElectron / already);
    const science = scienceImage(electrons, noise, njyPerElectron);
    return { science, njyPerElectron, ...matchTemplate(workspace, science, template, field) };
  };
  if (exposure.njyPerElectron !== undefined) return attempt(exposure.njyPerElectron, 1);
  const rough = attempt(1 / relativeScale(electrons, template, field.stars, psf.fwhm), 1);
  const { direction, kernel } = rough.match;
  const factor = direction === 'template' ? 1 / kernel.sum : kernel.sum;
  return attempt(rough.njyPerElectron * factor, rough.njyPerElectron);
}
