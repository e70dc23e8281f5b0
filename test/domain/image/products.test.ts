import { describe, expect, it } from 'vitest';
import { cardValue, numberOf, textOf } from '#shared/domain/fits/header.ts';
import type { PixelArray } from '#shared/domain/fits/image.ts';
import { openFits } from '#shared/domain/fits/open.ts';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import type { Kernel } from '#shared/domain/image/convolve.ts';
import { forcedPhotometry } from '#shared/domain/image/forced.ts';
import { MASK, type MaskedImage } from '#shared/domain/image/masked-image.ts';
import { pointFlux } from '#shared/domain/image/point-flux.ts';
import { rowsOfPlanes, writeProduct } from '#shared/domain/image/products.ts';
import { pixelToSky, type Wcs } from '#shared/domain/sky/wcs.ts';

const [width, height, noise] = [700, 640, 30];
const wcs: Wcs = { crpix: [350, 320], crvalDeg: [150.1, 2.2], cd: [-5.5e-5, 0, 0, 5.5e-5] };

/** A Gaussian PSF of sigma 1.7 px that grows along x, so that cells differ. */
function psfAt(x: number): Kernel {
  const [half, sigma] = [10, 1.7 + (0.2 * x) / width];
  const values = Float64Array.from({ length: 21 * 21 }, (_, k) =>
    Math.exp(-(((k % 21) - half) ** 2 + (Math.floor(k / 21) - half) ** 2) / (2 * sigma ** 2)),
  );
  const sum = values.reduce((total, value) => total + value, 0);
  return { half, values: values.map((value) => value / sum) };
}

function makeImage(): MaskedImage {
  let seed = 20250609;
  const random = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  const gauss = () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  const image = Float32Array.from({ length: width * height }, () => noise * gauss());
  const variance = image.map(
    (value, i) => noise ** 2 * (1 + (0.1 * (i % width)) / width) + Math.max(0, value),
  );
  const mask = new Uint16Array(width * height);
  for (let k = 0; k < 3000; k++)
    mask[Math.floor(random() * mask.length)] |= k % 2 ? MASK.CR : MASK.BAD_TEMPLATE;
  for (let k = 0; k < 300; k++) mask[Math.floor(random() * mask.length)] |= MASK.BAD;
  return { width, height, image, variance, mask };
}

const image = makeImage();
const product = writeProduct({
  cards: [{ keyword: 'EMBHOURS', value: 80 }],
  ...{ rows: rowsOfPlanes(image), psfAt, wcs, unit: 'nJy', sourceVariance: 1.5 },
});

describe('writeProduct', () => {
  it('keeps the names and cards of its planes, and their pixels within what it says', () => {
    const hdus = readFits(product);
    expect(hdus.map(({ header }) => textOf(header, 'EXTNAME'))).toEqual([
      undefined,
      ...['IMAGE', 'VARIANCE', 'MASK', 'PSF'],
    ]);
    expect(numberOf(hdus[0].header, 'EMBHOURS')).toBe(80);
    expect(textOf(hdus[1].header, 'BUNIT')).toBe('nJy');
    expect(numberOf(hdus[1].header, 'SRCVAR')).toBe(1.5);
    expect(cardValue(hdus[3].header, 'MP_SAT')).toBe(1);
    expect(cardValue(hdus[3].header, 'MP_DETECTED_NEGATIVE')).toBe(6);
    const plane = (name: string): PixelArray => hduNamed(hdus, name)?.image?.pixels ?? new Float32Array(0);
    const pixels = plane('IMAGE');
    let square = 0;
    for (let i = 0; i < pixels.length; i++) square += (pixels[i] - image.image[i]) ** 2;
    const added = Math.sqrt(square / pixels.length) / noise;
    expect(added).toBeGreaterThan(0.016);
    expect(added).toBeLessThan(0.02);
    const variance = Array.from(plane('VARIANCE'), (value, i) => Math.abs(value / image.variance[i] - 1));
    const worst = variance.reduce((most, value) => Math.max(most, value), 0);
    expect(worst).toBeLessThan(0.009);
    expect(plane('MASK')).toEqual(Int32Array.from(image.mask));
  });

  it('takes half of the bytes of its pixels', () => {
    expect(product.length).toBeLessThan(0.5 * width * height * 10);
  });

  it('compresses planes without noise without loss', () => {
    const flat = { ...image, variance: new Float32Array(width * height) };
    const hdus = readFits(writeProduct({ rows: rowsOfPlanes(flat), unit: 'adu', sourceVariance: 0 }));
    expect(hduNamed(hdus, 'IMAGE')?.image?.pixels).toEqual(image.image);
    expect(hduNamed(hdus, 'VARIANCE')?.image?.pixels).toEqual(flat.variance);
  });
});

describe('forcedPhotometry', () => {
  const places = Array.from({ length: 60 }, (_, k) => ({ x: (k * 97.3) % width, y: (k * 211.7) % height }));
  places.push({ x: 0.2, y: 0.4 }, { x: width - 1, y: height - 0.7 }, { x: -3, y: 20 });
  const positions = places.map(({ x, y }) => pixelToSky(wcs, x, y));
  const fluxes = forcedPhotometry({ difference: product, calibrated: product }, positions);

  it('measures on bands of rows what the whole image gives, within a fiftieth of the error', () => {
    for (const [k, { x, y }] of places.entries()) {
      const psf = psfAt(Math.min(width - 1, (Math.floor(Math.max(0, x) / 256) + 0.5) * 256));
      const whole = x < 0 ? undefined : pointFlux(image, psf, x, y);
      if (whole === undefined) {
        expect(fluxes[k]).toBeUndefined();
        continue;
      }
      const { scienceFlux = Number.NaN, scienceFluxErr = Number.NaN } = fluxes[k] ?? {};
      expect(Math.abs(scienceFlux - whole.flux) / whole.fluxErr).toBeLessThan(0.07);
      expect(Math.abs(scienceFluxErr / whole.fluxErr - 1)).toBeLessThan(0.004);
    }
    const shifts = places.flatMap(({ x, y }, k) => {
      const psf = psfAt(Math.min(width - 1, (Math.floor(x / 256) + 0.5) * 256));
      const whole = x < 0 ? undefined : pointFlux(image, psf, x, y);
      return whole === undefined
        ? []
        : [((fluxes[k]?.scienceFlux ?? Number.NaN) - whole.flux) / whole.fluxErr];
    });
    expect(Math.sqrt(shifts.reduce((sum, shift) => sum + shift ** 2, 0) / shifts.length)).toBeLessThan(0.023);
  });

  it('refuses a file without its planes', () => {
    const none = product.slice(0, 2880);
    expect(openFits(none)).toHaveLength(1);
    expect(() => forcedPhotometry({ difference: none, calibrated: product }, [])).toThrow(
      'The file has no IMAGE image.',
    );
  });
});
