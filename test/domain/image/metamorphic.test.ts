import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SourceWithoutStamps } from '#shared/domain/image/measure.ts';
import { differencePair, type PairResult } from '#shared/domain/image/pair.ts';
import { createWorkspace, type Workspace } from '#shared/domain/image/workspace.ts';
import { withCrew } from '../../support/imaging-crew.ts';
import {
  add,
  both,
  cut,
  drawField,
  FIELD,
  type Frame,
  type Move,
  moved,
  type Pair,
  SIDE,
  SKY,
  scale,
} from '../../support/pair-field.ts';
import { expectTwins, SURE } from '../../support/source-twins.ts';

function difference(workspace: Workspace, { science, template }: Pair): PairResult {
  const hdu = (image: Frame) => ({ header: [], image });
  return differencePair(workspace, hdu(science), hdu(template), {
    science: science.facts,
    template: template.facts,
  });
}

const workspace = createWorkspace();

const sourcesOf = (pair: Pair): readonly SourceWithoutStamps[] => difference(workspace, pair).sources;

describe('the difference of a pair', () => {
  const field = drawField({ seed: 6, scienceFwhm: 4, templateFwhm: 3.3, depth: 10 });
  const base = cut(field, 0, 0);
  let sources: readonly SourceWithoutStamps[];
  beforeAll(() => {
    sources = sourcesOf(base);
  });
  const runs = { numRuns: 4 };
  /** What single precision leaves: 1e-7 of the counts, 1e-4 of the noise of a pixel. */
  const rounding = { place: 1e-3, flux: 2e-3, noise: 1e-4, angle: 0.1 };
  /**
   * Rounding that takes one pixel more or less into the clipped histogram of a sky's cell, one change in five, moves a
   * flux by 0.04 of its error.
   */
  const clipping = { place: 5e-3, flux: 0.1, noise: 0.01, angle: 0.2 };

  it('holds what the properties are about', () => {
    expect(sources.filter(({ snr }) => (snr ?? 0) > SURE).length).toBeGreaterThanOrEqual(8);
    expect(sources.filter(({ isDipole }) => isDipole)).toHaveLength(1);
    expect(sources.filter(({ trailLengthErr }) => trailLengthErr !== null)).toHaveLength(1);
    expect(sources.filter(({ isNegative }) => isNegative).length).toBeGreaterThanOrEqual(2);
  });

  it('follows a mirroring in the diagonal, which swaps rows and columns, to rounding', () => {
    const move: Move = (x, y) => [y, x];
    expectTwins(sources, sourcesOf(moved(base, move)), { move }, rounding);
  });

  it('follows flips and turns by 90 degrees', () => {
    const last = SIDE - 1;
    const moves: Record<string, Move> = {
      'flip in x': (x, y) => [last - x, y],
      'flip in y': (x, y) => [x, last - y],
      'turn by 90 degrees': (x, y) => [last - y, x],
      'turn by 180 degrees': (x, y) => [last - x, last - y],
      'turn by 270 degrees': (x, y) => [y, last - x],
    };
    // The sky's spline is SExtractor's, which is not its own mirror image: 0.2 counts at the border, 0.04 errors of a flux.
    const tolerance = { place: 0.01, flux: 0.1, noise: 0.02, angle: 0.5 };
    for (const move of Object.values(moves))
      expectTwins(sources, sourcesOf(moved(base, move)), { move }, tolerance);
  });

  it('follows a shift by whole pixels', () => {
    // Other stars make the PSF and the kernel, other pixels a cell's sky and its noise: 20 stars know a flux to 0.6 errors
    // of S/N 20, a cell of 64 px its noise to a tenth.
    const tolerance = { place: 0.1, flux: 1, noise: 0.2, angle: 3 };
    const steps = fc.integer({ min: 8, max: FIELD - SIDE });
    fc.assert(
      fc.property(steps, steps, (dx, dy) => {
        const isSeen = (x: number, y: number): boolean =>
          Math.min(x, y) > 20 && x < SIDE - 20 - dx && y < SIDE - 20 - dy;
        const move: Move = (x, y) => [x - dx, y - dy];
        expectTwins(sources, sourcesOf(cut(field, dx, dy)), { move, isSeen }, tolerance);
      }),
      runs,
    );
  });

  it('does not see a constant on either image', () => {
    const constants = fc.integer({ min: -2000, max: 10_000 });
    fc.assert(
      fc.property(constants, constants, (a, b) => {
        const after = { science: add(base.science, a), template: add(base.template, b) };
        expectTwins(sources, sourcesOf(after), {}, clipping);
      }),
      runs,
    );
  });

  it('does not see whether a sky that is told has been subtracted', () => {
    const told = both(base, (frame) => ({ ...frame, facts: { ...frame.facts, sky: SKY } }));
    const without = both(told, (frame) => ({ ...frame, pixels: add(frame, -SKY).pixels }));
    const before = difference(workspace, told);
    expect(before.varianceFrom).toEqual({ science: 'photon statistics', template: 'photon statistics' });
    expectTwins(before.sources, sourcesOf(without), {}, rounding);
  });

  const scaled = (a: number, b: number): readonly SourceWithoutStamps[] =>
    sourcesOf({ science: scale(base.science, a), template: scale(base.template, b) });

  it('has fluxes in the counts of the science image and the same signal-to-noise, whatever an electron counts', () => {
    const factors = fc.double({ min: -3, max: 3, noNaN: true }).map((power) => 10 ** power);
    fc.assert(
      fc.property(factors, factors, (a, b) => {
        expectTwins(sources, scaled(a, b), { factor: a }, clipping);
      }),
      runs,
    );
  });

  it('is the same to the last bit when counts are doubled or halved', () => {
    const factors = fc.integer({ min: -10, max: 10 }).map((power) => 2 ** power);
    const exact = { place: 0, flux: 0, noise: 0, angle: 0 };
    fc.assert(
      fc.property(factors, factors, (a, b) => {
        expectTwins(sources, scaled(a, b), { factor: a }, exact);
      }),
      runs,
    );
  });
});

describe('the difference of two images of one depth and seeing', () => {
  it('turns its signs when they are swapped', () => {
    const { science, template } = cut(
      drawField({ seed: 8, scienceFwhm: 3.8, templateFwhm: 3.8, depth: 1 }),
      0,
      0,
    );
    const before = sourcesOf({ science, template });
    expect(before.length).toBeGreaterThanOrEqual(8);
    // Each way it is the other image that is convolved. What the template shows has errors of photons and of the match, too,
    // of which a transient has none: S/N 20 one way are 34 the other.
    const after = sourcesOf({ science: template, template: science });
    expectTwins(before, after, { sign: -1 }, { place: 0.3, flux: 1, noise: 1, angle: 360 });
  });
});

describe('a crew of three threads', () => {
  it('gives the bytes that one thread gives', async () => {
    const pair = cut(drawField({ seed: 9, scienceFwhm: 4, templateFwhm: 3.3, depth: 10 }), 20, 30);
    const alone = difference(workspace, pair);
    await withCrew((shared) => {
      const together = difference(shared, pair);
      expect(together.sources).toEqual(alone.sources);
      expect(together.difference.score).toEqual(alone.difference.score);
      expect(together.difference.image).toEqual(alone.difference.image);
    });
  });
});
