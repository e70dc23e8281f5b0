import { describe, expect, it } from 'vitest';
import { readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { parseSection } from '#shared/domain/image/amplifiers.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { ImageRefused } from '#shared/domain/image/refusal.ts';
import { removeSignature } from '#shared/domain/image/signature.ts';
import { makeScene, rawOf } from '../../support/scene.ts';

const scene = makeScene({ seed: 4, size: 256, stars: 30, galaxies: 5, transients: 0 });
const raw = readFits(rawOf(scene));
const plane = (value: (i: number) => number) => Float32Array.from({ length: 256 * 256 }, (_, i) => value(i));
const file = (pixels: Float32Array) =>
  writeFits([{ header: [], image: { width: 256, height: 256, pixels } }]);

describe('sections', () => {
  it('are 1-based, inclusive, and flipped where they count down', () => {
    expect(parseSection('[509:1,1:2000]')).toEqual({
      x0: 0,
      x1: 509,
      y0: 0,
      y1: 2000,
      flipX: true,
      flipY: false,
    });
    expect(() => parseSection('[1:2]')).toThrow(ImageRefused);
  });
});

describe('signature removal', () => {
  it('gives back every electron that the 16 amplifiers of different gain and direction read', () => {
    const { image, signatureRemoved } = removeSignature(raw, {}, defaultImageConfig);
    expect(signatureRemoved).toBe(true);
    expect([image.width, image.height]).toEqual([256, 256]);
    let worst = 0;
    for (let i = 0; i < image.image.length; i++)
      worst = Math.max(worst, Math.abs(image.image[i] - scene.science[i]));
    // Rounding to ADU is 0.9 e-, the overscan of 29 columns averaged over five rows 0.5 e- rms.
    expect(worst).toBeLessThan(4);
    expect(image.variance[1000]).toBeCloseTo(image.image[1000] + 36, 0);
  });

  it('masks saturated stars and nothing else', () => {
    const { image } = removeSignature(raw, {}, defaultImageConfig);
    for (let i = 0; i < image.image.length; i++) {
      if (scene.science[i] > 98_500) expect(image.mask[i] & MASK.SAT).not.toBe(0);
      if ((image.mask[i] & MASK.SAT) !== 0) {
        const near = [0, 1, 2, 3].some((d) =>
          [i - d, i + d, i - 256 * d, i + 256 * d, i - 257 * d, i + 257 * d, i - 255 * d, i + 255 * d].some(
            (k) => scene.science[k] > 40_000,
          ),
        );
        expect(near).toBe(true);
      }
    }
  });

  it('subtracts the bias, divides by the flat and masks their bad columns', () => {
    const flat = plane((i) => (i % 256 === 77 ? 0 : 1.5 + 0.1 * Math.sin(i / 999)));
    const bias = plane((i) => (i % 256 === 99 ? 900 : 3));
    const { image } = removeSignature(raw, { bias: file(bias), flat: file(flat) }, defaultImageConfig);
    for (let y = 0; y < 256; y++) {
      expect(image.mask[y * 256 + 77] & MASK.BAD).not.toBe(0);
      expect(image.mask[y * 256 + 99] & MASK.BAD).not.toBe(0);
      expect(image.mask[y * 256 + 120] & MASK.BAD).toBe(0);
    }
    const at = 128 * 256 + 30;
    const gain = 1.4 + 0.02 * 8;
    expect(image.image[at]).toBeCloseTo((scene.science[at] - 3 * gain) / (flat[at] / 1.5), -1);
  });

  it('refuses a calibration frame of another size', () => {
    const small = writeFits([
      { header: [], image: { width: 10, height: 10, pixels: new Float32Array(100) } },
    ]);
    expect(() => removeSignature(raw, { bias: small }, defaultImageConfig)).toThrow(
      'the bias frame is 10x10, the detector 256x256',
    );
  });

  it('takes a frame without overscan as it is, and says so', () => {
    const hdus = readFits(
      writeFits([
        {
          header: [{ keyword: 'GAIN', value: 4 }],
          image: { width: 256, height: 256, pixels: plane((i) => i % 7) },
        },
      ]),
    );
    const { image, signatureRemoved, gain } = removeSignature(hdus, {}, defaultImageConfig);
    expect(signatureRemoved).toBe(false);
    expect(gain).toBe(4);
    expect(image.image[5]).toBe(20);
  });
});
