import { apertureOn } from './aperture.ts';
import { type Match, matchKernels } from './match-kernels.ts';
import { adaptiveMoments } from './moments.ts';
import { type FoundObject, objectRadius } from './objects.ts';
import type { SkyPlane } from './patch.ts';
import type { PsfModel } from './psf.ts';
import { ImageRefused } from './refusal.ts';
import { median } from './statistics.ts';
import type { Workspace } from './workspace.ts';

/** The bright objects of an image, which of them are stars, and the PSF that these make. Brightest first. */
export interface StarField {
  readonly objects: readonly FoundObject[];
  readonly stars: readonly FoundObject[];
  readonly psf: PsfModel;
}

/**
 * Whether the flux in an aperture is alike in both images, within half and noise. Twenty transients of S/N 15 on a
 * frame with seven stars, taken as stamps, cost a fifth of them.
 */
function isOnBoth({ x, y }: FoundObject, science: SkyPlane, template: SkyPlane, radius: number): boolean {
  const a = apertureOn(science, x, y, radius);
  const b = apertureOn(template, x, y, radius);
  return a.flux > 0 && b.flux > 5 * b.fluxErr && Math.abs(b.flux / a.flux - 1) < 0.5;
}

/** Fits the kernel between an image and its template; their FWHM are measured alike, from the moments of the stars. */
export function matchTemplate(
  workspace: Workspace,
  science: SkyPlane,
  template: SkyPlane,
  { objects, stars }: StarField,
): { match: Match; templateFwhm: number } {
  const radius = median(stars.map(objectRadius));
  const templateRadii = stars.flatMap(({ x, y }) => {
    const moments = adaptiveMoments(template.image, template.width, template.height, x, y, radius);
    return moments === undefined ? [] : [objectRadius(moments)];
  });
  if (templateRadii.length === 0) throw new ImageRefused('none of the stars is on the template');
  const [scienceFwhm, templateFwhm] = [2.355 * radius, 2.355 * median(templateRadii)];
  // What is much sharper than a star is left of a cosmic ray; what is in one image only is what we look for.
  const usable = objects.filter(
    (object) =>
      !object.spoilt &&
      objectRadius(object) > 0.7 * radius &&
      isOnBoth(object, science, template, 4 * radius),
  );
  const match = matchKernels(workspace, science, template, usable, scienceFwhm, templateFwhm);
  return { match, templateFwhm };
}
