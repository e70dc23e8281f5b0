import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packStamp, type Stamp, stampWindow } from '#shared/domain/alert/stamps.ts';
import { numberOf, textOf } from '#shared/domain/fits/header.ts';
import { hduNamed, readFits } from '#shared/domain/fits/read.ts';
import { separationArcsec } from '#shared/domain/sky/vector.ts';
import { pixelToSky, type Wcs, wcsFromHeader } from '#shared/domain/sky/wcs.ts';

const scale = 0.2 / 3600;

/** 0.2"/pixel, turned by 40 degrees, far from the source's column and row. */
const wcs: Wcs = {
  crvalDeg: [63.5, -47.2],
  crpix: [2036, 2000],
  cd: [-scale * 0.77, scale * 0.64, scale * 0.64, scale * 0.77],
};

const stamp = (given: Partial<Stamp> = {}): Stamp => {
  const [x, y] = [given.x ?? 1213.80359, given.y ?? 2275.35083];
  const window = stampWindow(x, y, 28);
  const ramp = (first: number) =>
    Float32Array.from({ length: window.side ** 2 }, (_, index) => first + index);
  const psf = { width: 41, height: 41, pixels: new Float64Array(41 * 41).fill(1 / 1681) };
  return { ...window, x, y, wcs, pixels: ramp(-5), variance: ramp(100), psf, rotPaDeg: 41.58, ...given };
};

describe('stampWindow', () => {
  it.each([
    [754.23291015625, 739],
    [1213.8035888671875, 1198],
    [1858.2718505859375, 1843],
    [2691.98095703125, 2676],
    [816.867919921875, 801],
  ])('around column %f begins where published stamps do: CUTMINX %i', (x, cutMinX) => {
    expect(stampWindow(x, x, 13)).toEqual({ minX: cutMinX + 1, minY: cutMinX + 1, side: 30 });
  });

  it.each([
    [1, 30],
    [30, 30],
    [57, 57],
    [102, 102],
    [4000, 102],
  ])('a footprint of %i pixels gives a side of %i', (bboxSize, side) => {
    expect(stampWindow(500, 500, bboxSize).side).toBe(side);
  });

  it('has the centroid within half a pixel of its middle', () => {
    const position = fc.double({ min: -50, max: 5000, noNaN: true });
    fc.assert(
      fc.property(position, position, fc.integer({ min: 1, max: 200 }), (x, y, bboxSize) => {
        const { minX, minY, side } = stampWindow(x, y, bboxSize);
        expect(Math.abs(x - (minX + (side - 1) / 2))).toBeLessThan(0.500001);
        expect(Math.abs(y - (minY + (side - 1) / 2))).toBeLessThan(0.500001);
      }),
      { numRuns: 200 },
    );
  });
});

describe('packStamp', () => {
  it('gives image, variance and PSF in the types and names that astropy expects', () => {
    const given = stamp();
    const hdus = readFits(packStamp(given));
    expect(hdus).toHaveLength(3);
    expect(hdus[0].image).toEqual({ width: 30, height: 30, pixels: given.pixels });
    expect(textOf(hdus[0].header, 'BUNIT')).toBe('nJy');
    expect(hduNamed(hdus, 'UNCERT')?.image?.pixels).toEqual(given.variance);
    expect(textOf(hduNamed(hdus, 'UNCERT')!.header, 'UTYPE')).toBe('VarianceUncertainty');
    expect(hduNamed(hdus, 'PSFIMAGE')?.image).toEqual(given.psf);
  });

  it('counts CUTMIN as the original: detector pixel = CUTMIN + FITS pixel of the stamp', () => {
    const { header } = readFits(packStamp(stamp()))[0];
    expect([numberOf(header, 'CUTMINX'), numberOf(header, 'CUTMINY')]).toEqual([1198, 2260]);
    expect(numberOf(header, 'CRPIX1')).toBeCloseTo(15.80359, 9);
    expect(numberOf(header, 'ROTPA')).toBe(41.58);
  });

  it('leaves ROTPA out where nobody knows it', () => {
    expect(numberOf(readFits(packStamp(stamp({ rotPaDeg: undefined })))[0].header, 'ROTPA')).toBeUndefined();
  });

  it('has the sky of the detector in every pixel to 0.1 mas, near the pole and across RA 0 too', () => {
    const centre = fc.tuple(fc.constantFrom(0, 0.001, 63.5, 359.999), fc.constantFrom(-89.9, -47.2, 0, 89));
    const position = fc.double({ min: 0, max: 4000, noNaN: true });
    fc.assert(
      fc.property(centre, position, position, (crvalDeg, x, y) => {
        const detector = { ...wcs, crvalDeg };
        const given = stamp({ x, y, wcs: detector });
        const local = wcsFromHeader(readFits(packStamp(given))[0].header);
        for (const [column, row] of [
          [0, 0],
          [29, 0],
          [0, 29],
          [15, 15],
        ] as const) {
          const a = pixelToSky(local, column, row);
          const b = pixelToSky(detector, given.minX + column, given.minY + row);
          expect(separationArcsec(a.raDeg, a.decDeg, b.raDeg, b.decDeg)).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 200 },
    );
  });
});
