import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Header } from '#shared/domain/fits/header.ts';
import type { Image } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { type Wcs, wcsToCards } from '#shared/domain/sky/wcs.ts';
import { timed } from './program.ts';

/** A pair as both chains get it: science.fits.fz (integers) and template.fits.fz (floats, its own pixels). */
export interface SceneFiles {
  readonly folder: string;
  /** Size and world coordinates of the science image. */
  readonly grid: Header;
}

interface Exposure {
  readonly image: Image;
  readonly wcs: Wcs;
  readonly facts: Header;
}

/** Writes the pair as fpack's Rice does it: integers without loss, floats in quarters of their noise, dithered. */
export async function writeSceneFiles(
  folder: string,
  exposures: { readonly science: Exposure; readonly template: Exposure },
): Promise<SceneFiles> {
  for (const [name, { image, wcs, facts }] of Object.entries(exposures)) {
    const header = [...wcsToCards(wcs), ...facts];
    writeFileSync(join(folder, `${name}.fits`), writeFits([{ header, image }]));
    await timed('fpack', ['-r', '-D', '-Y', `${name}.fits`], folder);
  }
  const { image, wcs } = exposures.science;
  const size = [
    { keyword: 'NAXIS', value: 2 },
    { keyword: 'NAXIS1', value: image.width },
    { keyword: 'NAXIS2', value: image.height },
  ];
  return { folder, grid: [...size, ...wcsToCards(wcs)] };
}
