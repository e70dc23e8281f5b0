import { measureObjects, selectStars } from './objects.ts';
import type { SkyPlane } from './patch.ts';
import { findPeaks } from './peaks.ts';
import { modelPsf } from './psf.ts';
import type { StarField } from './star-field.ts';
import { median } from './statistics.ts';
import type { Workspace } from './workspace.ts';

/** Objects found at this S/N or more serve as stars for astrometry and kernel stamps. */
const OBJECT_SNR = 10;

/** Sigma of the Gaussian under which they are searched, pixels: for a FWHM of 4. */
const SMOOTHING = 1.7;

/** Finds the stars of a background-subtracted image and models its PSF. ImageRefused without a usable star. */
export function surveyStars(workspace: Workspace, plane: SkyPlane): StarField {
  const peaks = findPeaks(workspace, plane, OBJECT_SNR, SMOOTHING);
  const objects = measureObjects(plane, peaks, SMOOTHING);
  const stars = selectStars(objects, peaks);
  return { objects, stars, psf: modelPsf(plane, stars, typicalNoise(plane)) };
}

/** Median sigma of a pixel of the sky. */
function typicalNoise({ width, height, varianceAt }: SkyPlane): number {
  const step = Math.max(1, Math.floor(Math.sqrt((width * height) / 1000)));
  const found: number[] = [];
  for (let y = 0; y < height; y += step) for (let x = 0; x < width; x += step) found.push(varianceAt(x, y));
  return Math.sqrt(median(found));
}
