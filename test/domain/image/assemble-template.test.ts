import { expect, test } from 'vitest';
import type { Image } from '#shared/domain/fits/image.ts';
import { openFits } from '#shared/domain/fits/open.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { assembleTemplate } from '#shared/domain/image/assemble-template.ts';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { openTemplateTile } from '#shared/domain/image/warp-tile.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { shiftWcs, type Wcs, wcsToCards } from '#shared/domain/sky/wcs.ts';
import { random } from '../../support/scene.ts';

const size = { width: 200, height: 180 };
const wcs: Wcs = { crvalDeg: [150.1, 2.2], crpix: [100, 90], cd: [-2e-4 / 3.6, 0, 0, 2e-4 / 3.6] };

/** A sky of 50 with noise of 3, one row saturated. */
function tileOf(width: number, height: number): Record<'IMAGE' | 'VARIANCE' | 'MASK', Image> {
  const { normal } = random(5);
  const plane = (value: (at: number) => number): Image => ({
    ...{ width, height },
    pixels: Float32Array.from({ length: width * height }, (_, at) => value(at)),
  });
  return {
    IMAGE: plane(() => 50 + 3 * normal()),
    VARIANCE: plane(() => 9),
    MASK: {
      ...{ width, height },
      pixels: Int32Array.from({ length: width * height }, (_, at) =>
        Math.floor(at / width) === 20 ? MASK.SAT : MASK.DETECTED,
      ),
    },
  };
}

/** The file of a tile whose first pixel is (x0, y0) of the image. */
function bytesOf(hdus: Record<string, Image>, x0: number, y0: number): Uint8Array {
  const extensions = Object.entries(hdus).map(([name, image]) => ({
    header: [{ keyword: 'EXTNAME', value: name }, ...wcsToCards(shiftWcs(wcs, x0, y0))],
    image,
  }));
  return writeFits([{ header: [] }, ...extensions]);
}

test('tiles of a file become a template without its sky, 0 where there is none', () => {
  const bytes = bytesOf(tileOf(130, 200), -10, -10);
  const { template, fraction } = assembleTemplate(createWorkspace(), [{ bytes }], size, wcs, 0.1);
  const at = (x: number, y: number): number => y * size.width + x;
  expect(fraction).toBeCloseTo(117 / 200, 2);
  const inside = template.image.filter((_, i) => i % size.width < 110);
  expect(Math.abs(inside.reduce((sum, value) => sum + value, 0) / inside.length)).toBeLessThan(0.3);
  expect(template.image[at(150, 90)]).toBe(0);
  expect(template.mask[at(150, 90)]).toBe(MASK.NO_DATA);
  expect([template.mask[at(60, 9)], template.mask[at(60, 10)]]).toEqual([0, MASK.SAT]);
  expect(template.varianceAt(60, 60)).toBeCloseTo(9, 5);
});

test('refuses too little of it, and what is no tile', () => {
  const far = tileOf(40, 40);
  expect(() =>
    assembleTemplate(createWorkspace(), [{ bytes: bytesOf(far, 180, 160) }], size, wcs, 0.1),
  ).toThrow(/cover 0\.\d % of the detector, less than 10 %/);
  const { IMAGE, VARIANCE } = far;
  expect(() => openTemplateTile(openFits(bytesOf({ IMAGE }, 0, 0)))).toThrow(/lacks its IMAGE or VARIANCE/);
  const small = { ...VARIANCE, height: 20, pixels: VARIANCE.pixels.subarray(0, 800) };
  expect(() => openTemplateTile(openFits(bytesOf({ IMAGE, VARIANCE: small }, 0, 0)))).toThrow(
    /not of one size/,
  );
  expect(openTemplateTile(openFits(bytesOf({ IMAGE, VARIANCE }, 0, 0))).mask).toBeUndefined();
});
