import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Image, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { apertureFlux } from '#shared/domain/image/aperture.ts';
import { type Background, CLIPPED_SIGMA, measureBackground } from '#shared/domain/image/background-mesh.ts';
import { backgroundSpline, splineAt } from '#shared/domain/image/mesh-spline.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { suiteFolder } from '../support/folders.ts';
import { makeScene } from '../support/imaging/scene.ts';
import { isophotes, nearestIsophote } from '../support/isophotes.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { obtain } from '../support/services/availability.ts';
import { sharedData } from '../support/shared-data.ts';

interface Answer {
  readonly globalRms: number;
  readonly level: number[];
  readonly rms: number[];
  readonly objects: { x: number; y: number; ixx: number; iyy: number; ixy: number }[];
  readonly apertures: number[];
}

const RADIUS = 5;
const available = await obtain(pythonWithPackages);
const folder = suiteFolder();
const real = sharedData('images', 'sep-image.fits');

const frames: [string, () => Image][] = [
  ['a synthetic scene', () => makeScene({ kind: 'base', seed: 5, width: 420, height: 400 }).science],
  ...(real === undefined ? [] : [['a real frame', () => imageOf(real)] as [string, () => Image]]),
];

function imageOf(path: string): Image {
  const { image } = readFits(readFileSync(path), { verifyChecksums: false })[0];
  if (image === undefined) throw new Error(`${path} holds no image`);
  return image;
}

describe.skipIf(!available).each(frames)('sep and we agree on %s:', (name, make) => {
  const { width, height, pixels } = make();
  let background: Background;
  let theirs: Answer;
  let clean: Float32Array;

  beforeAll(async () => {
    const workspace = createWorkspace();
    const image = workspace.floats(pixels.length);
    image.set(pixels);
    const mask = workspace.words(pixels.length).fill(0);
    background = measureBackground(workspace, image, mask, width, height, 0, 64);
    const file = join(folder, `${name.replaceAll(' ', '-')}.fits`);
    const plane = { width, height, pixels: Float32Array.from(pixels) };
    writeFileSync(file, writeFits([{ header: [], image: plane }]));
    const { cellWidth, cellHeight } = background;
    const args = [file, String(cellWidth), String(cellHeight), String(RADIUS)];
    theirs = JSON.parse(await python(join(import.meta.dirname, 'sep-oracle.py'), args));
    clean = Float32Array.from(pixels, (value, at) => value - theirs.level[at]);
  });

  test('the background', () => {
    const levels = backgroundSpline(background, 'level');
    const sigmas = backgroundSpline(background, 'rms');
    let [level, sigma] = [0, 0];
    for (let at = 0; at < pixels.length; at++) {
      // sep's spline is half a pixel off along y, and its sigma that of the clipped pixels.
      const [x, y] = [at % width, Math.floor(at / width) - 0.5];
      level = Math.max(level, Math.abs(splineAt(levels, x, y) / theirs.level[at] - 1));
      sigma = Math.max(sigma, Math.abs((splineAt(sigmas, x, y) * CLIPPED_SIGMA) / theirs.rms[at] - 1));
    }
    expect(level).toBeLessThan(1e-5);
    expect(sigma).toBeLessThan(1e-4);
  });

  test('objects, their centroids and second moments', () => {
    const ours = isophotes(clean, width, height, 1.5 * theirs.globalRms);
    expect(ours).toHaveLength(theirs.objects.length);
    for (const object of theirs.objects) {
      const { distance, moments } = nearestIsophote(ours, object);
      expect(distance).toBeLessThan(1e-3);
      // sep gives a single row or column of pixels the width of a pixel: a twelfth.
      const isLine = Math.min(object.ixx, object.iyy) < 1 / 12 + 1e-6;
      if (!isLine) expect(moments).toBeLessThan(1e-4);
    }
  });

  test('fluxes in circles', () => {
    const frame = { width, height, image: clean, variance: new Float32Array(pixels.length) };
    theirs.objects.forEach(({ x, y }, k) => {
      const { flux } = apertureFlux(frame, x, y, RADIUS);
      expect(Math.abs(flux / theirs.apertures[k] - 1)).toBeLessThan(2e-4);
    });
  });
});
