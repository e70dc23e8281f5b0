import { describe, expect, test } from 'vitest';
import { createFourier, frequencies } from '#shared/domain/image/fourier.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { planFourier } from './fourier.twin.ts';
import { largestDifference, noise } from './planes.ts';

describe.each([64, 128] as const)('the FFT of %i x %i', (size) => {
  const setUp = () => {
    const fourier = createFourier(createWorkspace(), size);
    const [re, im] = [noise(size * size, 1), noise(size * size, 2)];
    for (let y = 0; y < size; y++) {
      fourier.tile.re.set(re.subarray(y * size, (y + 1) * size), y * fourier.pitch);
      fourier.tile.im.set(im.subarray(y * size, (y + 1) * size), y * fourier.pitch);
    }
    const inRows = (plane: Float32Array): Float32Array =>
      Float32Array.from(
        { length: size * size },
        (_, at) => plane[Math.floor(at / size) * fourier.pitch + (at % size)],
      );
    return { fourier, re, im, inRows };
  };

  test('returns to where it started', () => {
    const { fourier, re, im, inRows } = setUp();
    fourier.forward();
    fourier.inverse();
    const factor = 1 / (size * size);
    expect(
      largestDifference(
        inRows(fourier.tile.re).map((value) => value * factor),
        re,
      ),
    ).toBeLessThan(1e-5);
    expect(
      largestDifference(
        inRows(fourier.tile.im).map((value) => value * factor),
        im,
      ),
    ).toBeLessThan(1e-5);
  });

  test('has at each frequency what its twin has', () => {
    const { fourier, re, im, inRows } = setUp();
    fourier.forward();
    const [twinRe, twinIm] = [Float64Array.from(re), Float64Array.from(im)];
    planFourier(size).forward(twinRe, twinIm);
    const bits = Math.log2(size);
    const reversed = (k: number): number =>
      Number.parseInt(k.toString(2).padStart(bits, '0').split('').reverse().join(''), 2);
    const order = frequencies(size);
    // Both are transposed; the twin's order is that of the reversed bits.
    const twin = (values: Float64Array) =>
      Float64Array.from(
        values,
        (_, at) => values[reversed(order[Math.floor(at / size)]) * size + reversed(order[at % size])] / size,
      );
    const own = (values: Float32Array) => inRows(values).map((value) => value / size);
    expect(largestDifference(own(fourier.spectrum.re), twin(twinRe))).toBeLessThan(1e-5);
    expect(largestDifference(own(fourier.spectrum.im), twin(twinIm))).toBeLessThan(1e-5);
  });
});
