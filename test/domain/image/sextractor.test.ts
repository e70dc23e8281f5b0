import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFits } from '#shared/domain/fits/read.ts';
import { CLIPPED_SIGMA, measureBackground } from '#shared/domain/image/background-mesh.ts';
import { backgroundSpline, splineAt } from '#shared/domain/image/mesh-spline.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { isophotes, nearestIsophote } from '../../support/isophotes.ts';
import { sharedData } from '../../support/shared-data.ts';

const catalogue = sharedData('images', 'sep-image.cat');

/** Rms of the frame that SExtractor tells, the median of its cells. */
const GLOBAL_RMS = 65.461746;

/** What SExtractor made of a real frame (ESO NTT, 256x256): kbarbary/sep has its maps and catalogue. */
describe.skipIf(catalogue === undefined)("SExtractor's results", () => {
  const { width, height, pixels } = imageOf('sep-image.fits');
  const back = imageOf('sep-back.fits').pixels;
  const rms = imageOf('sep-rms.fits').pixels;

  test('level and rms of the background in cells of 64 px', () => {
    const workspace = createWorkspace();
    const image = workspace.floats(pixels.length);
    image.set(pixels);
    const mask = workspace.words(pixels.length).fill(0);
    const background = measureBackground(workspace, image, mask, width, height, 0, 64);
    const levels = backgroundSpline(background, 'level');
    const sigmas = backgroundSpline(background, 'rms');
    let [level, sigma] = [0, 0];
    for (let at = 0; at < pixels.length; at++) {
      // SExtractor's spline is half a pixel off along y, and its sigma that of the clipped pixels.
      const [x, y] = [at % width, Math.floor(at / width) - 0.5];
      level = Math.max(level, Math.abs(splineAt(levels, x, y) / back[at] - 1));
      sigma = Math.max(sigma, Math.abs((splineAt(sigmas, x, y) * CLIPPED_SIGMA) / rms[at] - 1));
    }
    expect(level).toBeLessThan(1e-5);
    expect(sigma).toBeLessThan(1e-4);
  });

  test('centroids and second moments of its 65 objects', () => {
    const clean = Float32Array.from(pixels, (value, at) => value - back[at]);
    const found = isophotes(clean, width, height, 1.5 * GLOBAL_RMS);
    const rows = readFileSync(catalogue ?? '', 'latin1')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => line.trim().split(/\s+/).map(Number));
    expect(rows).toHaveLength(65);
    for (const [, x, y, , , ixx, iyy, ixy] of rows) {
      const { distance, moments } = nearestIsophote(found, { x: x - 1, y: y - 1, ixx, iyy, ixy });
      expect(distance).toBeLessThan(1e-3);
      expect(moments).toBeLessThan(1e-4);
    }
  });
});

function imageOf(name: string) {
  const path = sharedData('images', name);
  const image = path && readFits(readFileSync(path), { verifyChecksums: false })[0].image;
  return image || { width: 0, height: 0, pixels: new Float32Array(0) };
}
