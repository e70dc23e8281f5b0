import { describe, expect, test } from 'vitest';
import type { KernelName } from '#shared/domain/image/kernels/kernels.generated.ts';
import { MASK } from '#shared/domain/image/masked-image.ts';
import {
  blankTemplate,
  coverage,
  type TemplateTile,
  type TileRows,
  warpTile,
} from '#shared/domain/image/warp-tile.ts';
import { createWorkspace, SCRATCH_BYTES, type Workspace } from '#shared/domain/image/workspace.ts';
import { pixelToSky, skyToPixel, type Wcs } from '#shared/domain/sky/wcs.ts';
import { lanczosAt } from '../../../support/lanczos.ts';
import { largestDifference, noise } from './planes.ts';
import { warpTwin } from './warp.twin.ts';

const SCALE = 0.2 / 3600;

/** Tangent plane with the centre of the image at a pixel, turned and scaled. */
function tangent(x: number, y: number, turnDeg = 0, scale = 1, distortion?: Wcs['distortion']): Wcs {
  const [cos, sin] = [Math.cos((turnDeg * Math.PI) / 180), Math.sin((turnDeg * Math.PI) / 180)];
  const s = SCALE * scale;
  return {
    crvalDeg: [150.1, 2.2],
    crpix: [x, y],
    cd: [-s * cos, s * sin, s * sin, s * cos],
    ...(distortion && { distortion }),
  };
}

interface Planes {
  readonly image: Float32Array;
  readonly variance: Float32Array;
  readonly mask: Uint16Array;
}

function tileFrom({ image, variance, mask }: Planes, wcs: Wcs): TemplateTile {
  const rows = (plane: Float32Array | Uint16Array): TileRows => ({
    read: (y0, y1, out) => out.set(plane.subarray(y0 * tileWidth, y1 * tileWidth)),
  });
  return {
    ...{ width: tileWidth, height: tileHeight, wcs },
    ...{ image: rows(image), variance: rows(variance), mask: rows(mask) },
  };
}

/** Stars on a grid, a Gaussian of FWHM 3.5 px each, at positions that fall on no pixel. */
function starsAt(x: number, y: number): number {
  const [i, j] = [Math.round(x / 13.3), Math.round(y / 13.3)];
  return Math.exp((-2.7726 * ((x - 13.3 * i) ** 2 + (y - 13.3 * j) ** 2)) / 3.5 ** 2);
}

function cutting(workspace: Workspace): Workspace {
  return {
    ...workspace,
    strips(kernel: KernelName, rows, args) {
      const scratch = workspace.bytes(SCRATCH_BYTES);
      workspace.run(kernel, ...args, scratch.byteOffset, rows >> 1, rows);
      workspace.run(kernel, ...args, scratch.byteOffset, 0, rows >> 1);
      workspace.release(scratch);
    },
  };
}

const [width, height] = [141, 643];
const [tileWidth, tileHeight] = [170, 700];
const wcs = tangent(70, 320);

function planes(seed: number): Planes {
  const size = tileWidth * tileHeight;
  return {
    image: noise(size, seed),
    variance: noise(size, seed + 1).map((value) => 1 + value * value),
    // From the middle on all is well, as in most cells of a tile.
    mask: Uint16Array.from(noise(size, seed + 2), (value, at) =>
      at > size / 2
        ? 0
        : value > 3
          ? MASK.NO_DATA
          : value > 2
            ? MASK.SAT
            : value < -2
              ? MASK.BAD | MASK.DETECTED
              : 0,
    ),
  };
}

describe.each([
  ['turned by half a degree', tangent(85.37, 350.61, 0.5)],
  ['of larger pixels, upside down', tangent(85, 330, 180, 1.2)],
  ['turned by a quarter', tangent(60, 300, 90)],
  ['that covers a part', tangent(20, 90, 3)],
])('a tile %s', (_, tileWcs) => {
  test('is warped as the twin does it, rows cut or not', () => {
    const source = planes(5);
    const [first, second] = [createWorkspace(), cutting(createWorkspace())].map((workspace) => {
      const target = blankTemplate(workspace, width, height);
      // What is there already stays.
      target.mask.fill(MASK.DETECTED, 100 * width, 140 * width);
      warpTile(workspace, target, wcs, tileFrom(source, tileWcs));
      return target;
    });
    const expected = {
      width,
      height,
      image: new Float32Array(first.image.length),
      variance: new Float32Array(first.variance.length),
      mask: new Uint16Array(first.mask.length)
        .fill(MASK.NO_DATA)
        .fill(MASK.DETECTED, 100 * width, 140 * width),
    };
    warpTwin(expected, wcs, {
      width: tileWidth,
      height: tileHeight,
      wcs: tileWcs,
      ...source,
    });
    expect(largestDifference(first.image, expected.image)).toBeLessThan(1e-5);
    expect(largestDifference(first.variance, expected.variance)).toBeLessThan(1e-5);
    expect(Buffer.from(first.mask).equals(Buffer.from(expected.mask))).toBe(true);
    expect(coverage(first.mask)).toBeGreaterThan(0.2);
    for (const plane of ['image', 'variance', 'mask'] as const)
      expect(largestDifference(second[plane], first[plane])).toBe(0);
  });
});

test('what the tile does not tell is missing, and the next tile fills it', () => {
  const workspace = createWorkspace();
  const source = planes(9);
  source.mask.fill(0);
  source.image.fill(Number.NaN, 200 * tileWidth, 220 * tileWidth);
  source.variance.fill(0, 300 * tileWidth, 320 * tileWidth);
  const aligned = tangent(80, 325);
  const target = blankTemplate(workspace, width, height);
  warpTile(workspace, target, wcs, tileFrom(source, aligned));
  const missing = (row: number): boolean => target.mask[(row - 5) * width + 75] === MASK.NO_DATA;
  expect([199, 205, 219, 220, 299, 310, 319, 320].map(missing)).toEqual([
    ...[false, true, true, false],
    ...[false, true, true, false],
  ]);
  expect(target.image.every(Number.isFinite)).toBe(true);
  const other = { ...planes(9), image: new Float32Array(tileWidth * tileHeight).fill(7) };
  other.mask.fill(0);
  warpTile(workspace, target, wcs, tileFrom(other, aligned));
  expect(coverage(target.mask)).toBe(1);
  expect(target.image[205 * width + 75]).toBeCloseTo(7, 5);
  expect(target.varianceAt(75, 205)).toBeGreaterThan(0);
});

/** Second-order terms of a distortion, 1 / pixel: those of u^p v^q at 3 p + q. */
const sip: Wcs['distortion'] = {
  kind: 'SIP',
  order: 2,
  a: [0, 0, 1e-6, 0, 5e-7, 0, -1e-6, 0, 0],
  b: [0, 0, -1e-6, 0, 1e-6, 0, 5e-7, 0, 0],
};

test.each([
  ['a tangent plane', undefined],
  ['a distortion of 1e-6 a pixel', sip],
])('stars land where %s puts them, with their flux', (_, distortion) => {
  const workspace = createWorkspace();
  const turned = tangent(85.37, 350.61, 0.5, 1.05);
  const distorted = tangent(70, 320, 0, 1, distortion);
  const source = planes(1);
  source.mask.fill(0);
  source.image.forEach((_, at) => {
    source.image[at] = starsAt(at % tileWidth, Math.floor(at / tileWidth));
  });
  const target = blankTemplate(workspace, width, height);
  warpTile(workspace, target, distorted, tileFrom(source, turned));
  let [worst, furthest] = [0, 0];
  for (let y = 40; y < height - 40; y += 3) {
    for (let x = 40; x < width - 40; x++) {
      const { raDeg, decDeg } = pixelToSky(distorted, x, y);
      const point = skyToPixel(turned, raDeg, decDeg);
      if (point === undefined) throw new Error('behind the sky');
      const expected = starsAt(point.x, point.y) / 1.05 ** 2;
      const exact = lanczosAt(source.image, tileWidth, tileHeight, point.x, point.y) / 1.05 ** 2;
      worst = Math.max(worst, Math.abs(target.image[y * width + x] - expected));
      furthest = Math.max(furthest, Math.abs(target.image[y * width + x] - exact));
    }
  }
  // Lanczos3 itself is 7e-3 of a star's peak off at this seeing. The position is right to 1e-3 px, a phase of the table,
  // where a star falls by 0.4 a pixel; under the distortion the area changes by 1e-3.
  expect(worst).toBeLessThan(8e-3);
  expect(furthest).toBeLessThan(distortion === undefined ? 4e-4 : 1.5e-3);
});
