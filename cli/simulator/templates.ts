import type { Quantised } from '#shared/domain/fits/tile-writer.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import type { Patch } from '#shared/domain/sky/skymap.ts';
import { wcsToCards } from '#shared/domain/sky/wcs.ts';
import type { Canvas, Profile } from './paint.ts';
import { type Band, electronsPerNjy, PIXEL_ARCSEC, TEMPLATE_DEPTH, templateVariance } from './passbands.ts';
import { randomStream } from './random.ts';
import { discAround, type Optics, paintContents } from './scene.ts';
import { contentsOf } from './sky-model.ts';
import type { Plan } from './survey-plan.ts';

/** Templates come from the best tenth of many nights: 0.6", round, the same all over. */
const profile: Profile = { fwhmPixels: 0.6 / PIXEL_ARCSEC, beta: 3.5, e1: 0, e2: 0 };

/**
 * A tile of the static sky in nJy: IMAGE, its sky subtracted, and VARIANCE, about a tenth of an exposure's. Stars and
 * hosts are in it and what changes is not; variable stars have their mean flux.
 */
export function templateTile(plan: Plan, band: Band, patch: Patch): Uint8Array {
  const { wcs, width, height } = patch;
  const canvas: Canvas = { width, height, pixels: new Float32Array(width * height) };
  const sky = templateVariance(band);
  const floor = 0.001 * Math.sqrt(sky);
  const optics: Optics = { wcs, band, countsPerNjy: 1, floor, profileAt: () => profile };
  paintContents(canvas, optics, contentsOf(plan, discAround(wcs, width, height)));
  const variance = addNoise(plan, band, patch, canvas, sky);
  const header = [
    { keyword: 'INSTRUME', value: plan.instrument.name },
    { keyword: 'BAND', value: band },
    { keyword: 'TRACT', value: patch.tract },
    { keyword: 'PATCH', value: patch.patch },
  ];
  const coordinates = wcsToCards(wcs);
  const plane = (name: string, unit: string, pixels: Float32Array, compression: Quantised) => ({
    header: [{ keyword: 'EXTNAME', value: name }, { keyword: 'BUNIT', value: unit }, ...coordinates],
    image: { width, height, pixels },
    compression,
  });
  return writeFits([
    { header },
    plane('IMAGE', 'nJy', canvas.pixels, { dither: 'SUBTRACTIVE_DITHER_2', step: Math.sqrt(sky) / 16 }),
    plane('VARIANCE', 'nJy2', variance, { dither: 'NO_DITHER', step: sky / 64 }),
  ]);
}

/** Adds noise to the image; answers its variance: that of the sky, and the sources' photons. */
function addNoise(
  plan: Plan,
  band: Band,
  { tract, patch }: Patch,
  { pixels }: Canvas,
  sky: number,
): Float32Array {
  const draw = randomStream(plan.seed, 'template', band, tract, patch);
  const photon = 1 / (electronsPerNjy(band) * TEMPLATE_DEPTH);
  const variance = new Float32Array(pixels.length);
  for (let at = 0; at < pixels.length; at++) {
    variance[at] = sky + pixels[at] * photon;
    pixels[at] += Math.sqrt(variance[at]) * draw.normal();
  }
  return variance;
}
