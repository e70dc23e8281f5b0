import { readFileSync } from 'node:fs';
import { numberOf } from '#shared/domain/fits/header.ts';
import { type Hdu, readFits } from '#shared/domain/fits/read.ts';
import { pixelToSky, wcsFromHeader } from '#shared/domain/sky/wcs.ts';
import { type Frame, filterName, type Template } from './decam-visit.ts';
import { addMoffat } from './scene.ts';
import { sharedData } from './shared-data.ts';

/** nJy of one count that the test declares: the frames have no zero point. */
const njyPerCount = 12.5;

/** New stars where the field is empty, 9 to 15 sigma, with about the frame's own seeing of 5.2 pixels. */
export const injected = [
  { x: 60.3, y: 60.7, counts: 5000 },
  { x: 190.2, y: 70.5, counts: 6000 },
  { x: 70.4, y: 200.1, counts: 5500 },
  { x: 200.6, y: 190.3, counts: 5000 },
  { x: 128.2, y: 40.4, counts: 4500 },
].map((star) => ({ ...star, fluxNjy: star.counts * njyPerCount }));

/**
 * Real i-band frames of one field on two nights: the later one with stars injected, and the earlier one as its
 * template; undefined where the folder of real data is not beside the checkout.
 */
export function realDecam(): { science: Frame; template: Template } | undefined {
  const [science, template] = ['OBS04a', 'OBS18a'].map((name) => {
    const path = sharedData('images', 'decam', `DEC-${name}.mini.fits`);
    // The stamps keep the checksums of the frames that they were cut from, so these are not looked at.
    return path === undefined ? undefined : readFits(readFileSync(path), { verifyChecksums: false })[0];
  });
  if (!science || !template) return undefined;
  const frame = { ...planeOf(science), njyPerCount };
  for (const { x, y, counts } of injected)
    addMoffat(frame.pixels, frame.width, frame.height, x, y, counts, { fwhm: 5.2, beta: 3, e1: 0, e2: 0 });
  return { science: frame, template: inNjy(template) };
}

/** What describes the pixels: world coordinates, gain, noise, saturation, sky. */
const describes = /^(CTYPE|CRVAL|CRPIX|CD|CUNIT|PV|GAIN$|RDNOISE$|SATURATE$|AVSKY$)/;

function planeOf({ header, image }: Hdu): Omit<Frame, 'njyPerCount'> {
  const wcs = wcsFromHeader(header);
  const { width, height, pixels } = image!;
  const { raDeg, decDeg } = pixelToSky(wcs, (width - 1) / 2, (height - 1) / 2);
  const cards = header.filter(({ keyword }) => describes.test(keyword));
  return { cards, wcs, width, height, pixels: Float32Array.from(pixels), raDeg, decDeg, filter: filterName };
}

/** Both frames have one scale: their stars have equal counts within 2 %. The variance: photons and read noise. */
function inNjy(hdu: Hdu): Template {
  const plane = planeOf(hdu);
  const [gain, noise, sky] = ['GAIN', 'RDNOISE', 'AVSKY'].map((keyword) => numberOf(hdu.header, keyword)!);
  const variance = plane.pixels.map(
    (count) => ((Math.max(0, count) + sky + noise ** 2 / gain) / gain) * njyPerCount ** 2,
  );
  return { ...plane, pixels: plane.pixels.map((count) => count * njyPerCount), variance };
}
