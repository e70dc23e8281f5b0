import { describe, expect, it } from 'vitest';
import { openFits } from '#shared/domain/fits/open.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { openCalibrationFrame } from '#shared/domain/image/calibration-frames.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import {
  type CalibrationBytes,
  openRaw,
  removeInstrumentSignature,
} from '#shared/domain/image/instrument-signature.ts';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { median } from '#shared/domain/image/statistics.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { amplifierHdu, detectorPlans } from '../../support/amplifier-raw.ts';
import { makeScene, random, rawOf } from '../../support/scene.ts';

const size = 256;
const scene = makeScene({ seed: 4, size, stars: 30, galaxies: 5, transients: 0 });
const raw = openRaw(openFits(rawOf(scene)));
const plane = (value: (x: number, y: number) => number) =>
  Float32Array.from({ length: size * size }, (_, i) => value(i % size, Math.floor(i / size)));
const image = (pixels: Float32Array) => ({ width: size, height: size, pixels });
const file = (pixels: Float32Array) => writeFits([{ header: [], image: image(pixels) }]);

function remove(calibrations: CalibrationBytes) {
  const workspace = createWorkspace();
  const planes = { image: workspace.floats(size * size), mask: workspace.words(size * size) };
  removeInstrumentSignature(raw, calibrations, defaultImageConfig, planes, workspace);
  return planes;
}

describe('the frames of a detector', () => {
  const plain = remove({});
  const gain = (x: number, y: number): number => 1.4 + 0.02 * (Math.floor(x / 32) + (y < 128 ? 0 : 8));

  it('bias, dark and flat are applied, and their bad columns masked', () => {
    const { normal } = random(9);
    const flat = plane((x, y) => (x === 77 ? 0 : 1.5 + 0.1 * Math.sin((y * size + x) / 999)));
    const bias = plane((x) => (x === 99 ? 900 : 3 + 0.5 * normal()));
    const dark = plane((x, y) => (x === 40 && y === 50 ? 30 : 0.1));
    const level = median(flat);
    let worst = 0;
    const wrong: [number, number][] = [];
    const { image, mask } = remove({ bias: file(bias), dark: file(dark), flat: file(flat) });
    for (let y = 0; y < size; y++) {
      for (let x = 0; x < size; x++) {
        const at = y * size + x;
        const isBad = x === 77 || x === 99 || (x === 40 && y === 50);
        if (((mask[at] & MASK.BAD) !== 0) !== isBad) wrong.push([x, y]);
        if (isBad) continue;
        // The scene's exposure was of 30 s.
        const electrons = plain.image[at] - gain(x, y) * (bias[at] + 30 * dark[at]);
        worst = Math.max(worst, Math.abs((image[at] * flat[at]) / level / electrons - 1));
      }
    }
    expect(wrong).toEqual([]);
    // The median of a sample of the flat is taken for its median.
    expect(worst).toBeLessThan(0.003);
  });

  it('marks what a MASK says, and values that are no number', () => {
    const bias = plane((x, y) => (x === 5 && y === 6 ? Number.NaN : 0));
    const mask = plane((x, y) => (x === 30 && y === 31 ? 4 : 0));
    const bytes = writeFits([
      { header: [], image: image(bias) },
      { header: [{ keyword: 'EXTNAME', value: 'MASK' }], image: image(mask) },
    ]);
    const found = remove({ bias: bytes });
    expect(found.mask[6 * size + 5] & MASK.BAD).not.toBe(0);
    expect(found.image[6 * size + 5]).toBe(0);
    expect(found.mask[31 * size + 30] & MASK.BAD).not.toBe(0);
    expect(found.mask[31 * size + 31] & MASK.BAD).toBe(0);
  });

  it('takes neither the steps between amplifiers nor the gradient of a flat for defects', () => {
    const flat = plane((x, y) => (1 + 0.12 * (Math.floor(x / 32) % 2)) * (1 - (0.1 * x * y) / size ** 2));
    expect(remove({ flat: file(flat) }).mask.some((bits) => (bits & MASK.BAD) !== 0)).toBe(false);
  });

  it('is refused where it is of another size, or empty', () => {
    const small = writeFits([
      { header: [], image: { width: 10, height: 10, pixels: new Float32Array(100) } },
    ]);
    expect(() => remove({ bias: small })).toThrow('the bias frame is 10x10, the detector 256x256');
    expect(() => remove({ dark: writeFits([{ header: [] }]) })).toThrow('the dark frame is without an image');
    expect(() => remove({ flat: file(plane(() => 0)) })).toThrow('the flat frame has no positive pixel');
  });
});

it('assembles a frame of one image an amplifier, rows read in any order', () => {
  const sensor = { prescan: 2, columns: 20, rows: 30, overscan: [5, 7] as const };
  const hdus = detectorPlans(sensor, 3, false).map((plan) => {
    const { header, image } = amplifierHdu(plan, ({ lit, x, y }) => (lit ? 1000 * y + x : -1));
    const pixels = new Float32Array(image!.width * image!.height);
    image!.read(0, image!.height, pixels);
    return { header, image: { width: image!.width, height: image!.height, pixels } };
  });
  const frame = openCalibrationFrame('bias', writeFits([{ header: [] }, ...hdus]), 60, 60);
  for (const [y0, y1] of [
    [0, 60],
    [17, 43],
    [31, 32],
  ]) {
    const rows = new Float32Array((y1 - y0) * 60);
    frame.read(y0, y1, rows);
    expect([...rows]).toEqual(Array.from(rows, (_, at) => 1000 * (y0 + Math.floor(at / 60)) + (at % 60)));
  }
});
