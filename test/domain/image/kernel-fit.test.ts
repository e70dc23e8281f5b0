import { describe, expect, it } from 'vitest';
import { kernelBasis } from '#shared/domain/image/kernel-basis.ts';
import { kernelEquations } from '#shared/domain/image/kernel-equations.ts';
import { fitKernel, kernelBackground, kernelEvaluator } from '#shared/domain/image/kernel-fit.ts';
import { buildStamps, type KernelStamps } from '#shared/domain/image/kernel-stamps.ts';
import type { SkyPlane } from '#shared/domain/image/patch.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { random } from '../../support/scene.ts';

const [width, height] = [400, 360];
const basis = kernelBasis([0.9, 1.8], [2, 1], 7);

/** Stars of FWHM 3 and, 1.5 times as bright and on a slope, of the widths that a kernel of sigma 0.8 to 1.6 gives. */
function scene(): { source: SkyPlane; target: SkyPlane; stars: { x: number; y: number }[] } {
  const draw = random(5);
  const [source, target] = [new Float32Array(width * height), new Float32Array(width * height)];
  for (let at = 0; at < source.length; at++) {
    source[at] = draw.normal();
    target[at] = 5 + (at % width) / 100 - Math.floor(at / width) / 200 + 0.1 * draw.normal();
  }
  const stars: { x: number; y: number }[] = [];
  for (let y = 28; y < height - 28; y += 38) {
    for (let x = 28; x < width - 28; x += 38) {
      stars.push({ x, y });
      paint(source, x, y, 1.3, 20_000);
      paint(target, x, y, Math.hypot(1.3, kernelSigma(x)), 30_000);
    }
  }
  const mask = new Uint16Array(width * height);
  const plane = (image: Float32Array, variance: number): SkyPlane => ({
    ...{ width, height, image, mask },
    varianceAt: () => variance,
  });
  return { source: plane(source, 1), target: plane(target, 0.01), stars };
}

const kernelSigma = (x: number): number => 1.2 + 0.3 * ((2 * x) / (width - 1) - 1);

function paint(image: Float32Array, x: number, y: number, sigma: number, flux: number): void {
  for (let j = -20; j <= 20; j++) {
    for (let i = -20; i <= 20; i++)
      image[(y + j) * width + x + i] +=
        (flux * Math.exp((-0.5 * (i * i + j * j)) / sigma ** 2)) / (2 * Math.PI * sigma * sigma);
  }
}

const stampsOf = (positions?: readonly { x: number; y: number }[]): KernelStamps => {
  const { source, target, stars } = scene();
  const weigh = (flux: number): number => 1 / (1 + (0.01 * flux) ** 2);
  return buildStamps(createWorkspace(), source, target, basis, positions ?? stars, weigh);
};

describe('the fitted kernel', () => {
  const kernel = fitKernel(createWorkspace(), stampsOf(), width, height);
  if (kernel === undefined) throw new Error('no kernel');
  const at = kernelEvaluator(kernel);

  it('has the scale of the images everywhere', () => {
    expect(kernel.order).toBe(2);
    expect(kernel.sum).toBeGreaterThan(1.495);
    expect(kernel.sum).toBeLessThan(1.505);
    for (const [x, y] of [
      [0, 0],
      [200, 180],
      [399, 20],
    ])
      expect(at(x, y).values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(kernel.sum, 6);
  });

  it('widens along x as the image does', () => {
    for (const x of [50, 200, 350]) {
      const { values, half } = at(x, 180);
      const side = 2 * half + 1;
      const variance =
        values.reduce((sum, value, i) => sum + value * ((i % side) - half) ** 2, 0) / kernel.sum;
      expect(Math.abs(Math.sqrt(variance) / kernelSigma(x) - 1)).toBeLessThan(0.03);
    }
  });

  it('comes with the background that only the target has', () => {
    const { constant, perX, perY } = kernelBackground(kernel);
    expect(Math.abs(constant + 200 * perX + 180 * perY - 6.1)).toBeLessThan(0.1);
    expect(Math.abs(perX - 0.01)).toBeLessThan(1e-3);
    expect(Math.abs(perY + 0.005)).toBeLessThan(1e-3);
  });

  it('leaves out a star that is not alike in both', () => {
    const { source, target, stars } = scene();
    paint(target.image, stars[40].x + 3, stars[40].y, 2, 8000);
    const weigh = (flux: number): number => 1 / (1 + (0.01 * flux) ** 2);
    const stamps = buildStamps(createWorkspace(), source, target, basis, stars, weigh);
    const clipped = fitKernel(createWorkspace(), stamps, width, height);
    expect(clipped?.stampCount).toBeLessThan(stars.length);
    expect(clipped?.sum).toBeGreaterThan(1.49);
    expect(clipped?.sum).toBeLessThan(1.51);
  });

  it('cannot be had from two stamps', () => {
    const two = stampsOf(scene().stars.slice(0, 2));
    expect(fitKernel(createWorkspace(), two, width, height)).toBeUndefined();
  });
});

describe('the normal equations', () => {
  it('forget a stamp that is subtracted', () => {
    const all = stampsOf();
    const fewer = { ...all, stamps: all.stamps.slice(3) };
    const equations = kernelEquations(createWorkspace(), all, width, height, 2);
    for (const stamp of all.stamps.slice(0, 3)) equations.subtract(stamp);
    const expected = kernelEquations(createWorkspace(), fewer, width, height, 2);
    for (const [order, removed] of [
      [2, 0],
      [1, 0.5],
      [0, 0],
    ]) {
      const [a, b] = [equations.solve(order, removed), expected.solve(order, removed)];
      if (a === undefined || b === undefined) throw new Error('no solution');
      a.forEach((value, i) => {
        expect(value).toBeCloseTo(b[i], 6);
      });
    }
  });

  it('have no solution when more noise is taken out than is in them', () => {
    const equations = kernelEquations(createWorkspace(), stampsOf(), width, height, 1);
    expect(equations.solve(1, 1e9)).toBeUndefined();
  });
});
