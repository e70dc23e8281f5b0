import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SourceWithoutStamps } from '#shared/domain/image/measure.ts';
import { differencePair, type FrameFacts, type PairResult } from '#shared/domain/image/pair.ts';
import { createWorkspace, type Workspace } from '#shared/domain/image/workspace.ts';
import { crewedWorkspace } from '../../../functions/process-detector/strip-threads.ts';
import { addMoffat, READ_NOISE, random } from '../../support/scene.ts';

/** Counts as a camera gives them, and what is known of them. */
interface Frame {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
  readonly facts: FrameFacts & { readonly gain: number; readonly saturation: number };
}

interface Pair {
  readonly science: Frame;
  readonly template: Frame;
}

/** A field from which windows of SIDE² are cut; shifts by up to 32 px stay within it. */
const FIELD = 288;
const SIDE = 256;

/** Sky and its read noise make this variance, electrons². */
const SKY = 2000;
const VARIANCE = SKY + READ_NOISE ** 2;

/** Pixels between the places of a grid, one source at each: near enough for 50 stars, far enough to be alone. */
const PITCH = 36;

interface Recipe {
  readonly seed: number;
  readonly scienceFwhm: number;
  readonly templateFwhm: number;
  /** Exposures in the template, in whose mean its counts are. */
  readonly depth: number;
}

/**
 * Stars of 6,000 to 60,000 electrons, 16 transients and faders of S/N 15 to 30, a mover and a trail: enough stars that
 * no property hangs on whether one of them is clipped.
 */
function drawField({ seed, scienceFwhm, templateFwhm, depth }: Recipe): Pair {
  const draw = random(seed);
  const [science, template] = [new Float32Array(FIELD * FIELD), new Float32Array(FIELD * FIELD)];
  const light = (plane: Float32Array, x: number, y: number, flux: number): void =>
    addMoffat(plane, FIELD, FIELD, x, y, flux, {
      ...{ fwhm: plane === science ? scienceFwhm : templateFwhm, beta: 4, e1: 0.02 },
      e2: plane === science ? 0.01 : -0.01,
    });
  const across = FIELD / PITCH;
  for (let k = 0; k < across * across; k++) {
    const [x, y] = [k % across, Math.floor(k / across)].map(
      (place) => PITCH * (place + 0.5) + 8 * (draw.uniform() - 0.5),
    );
    // 7 and 50 have no common factor: the kinds are spread over the field.
    const kind = (7 * k + Math.floor(k / across)) % 50;
    const faint = (15 + 5 * (k % 4)) * Math.sqrt(4 * scienceFwhm ** 2 * VARIANCE * (1 + 1 / depth));
    if (kind < 6) light(science, x, y, faint);
    else if (kind < 10) light(template, x, y, faint);
    else if (k === MOVER) {
      light(template, x, y, 6e4);
      light(science, x + 0.6, y + 0.5, 6e4);
    } else if (k === TRAIL) {
      for (let t = -12; t < 12; t += 0.25)
        light(science, x + t * Math.cos(0.7), y + t * Math.sin(0.7), 12_000 / 96);
    } else {
      const flux = 6000 * 10 ** draw.uniform();
      for (const plane of [science, template]) light(plane, x, y, flux);
    }
  }
  const expose = (plane: Float32Array, exposures: number): Frame => ({
    width: FIELD,
    height: FIELD,
    // Multiples of 1/64 up to 2^17 are exact in single precision, and so are sums with a constant.
    pixels: plane.map((flux) => {
      const noise = Math.sqrt((flux + VARIANCE) / exposures) * draw.normal();
      return Math.round(64 * (flux + SKY + noise)) / 64;
    }),
    facts: { gain: exposures, readNoise: READ_NOISE * Math.sqrt(exposures), saturation: 90_000 },
  });
  return { science: expose(science, 1), template: expose(template, depth) };
}

/** Places of the grid. */
const MOVER = 34;
const TRAIL = 20;

const both = (pair: Pair, change: (frame: Frame) => Frame): Pair => ({
  science: change(pair.science),
  template: change(pair.template),
});

const cut = (pair: Pair, left: number, bottom: number): Pair =>
  both(pair, (frame) => ({
    ...frame,
    width: SIDE,
    height: SIDE,
    pixels: Float32Array.from(
      { length: SIDE * SIDE },
      (_, at) => frame.pixels[(bottom + Math.floor(at / SIDE)) * frame.width + left + (at % SIDE)],
    ),
  }));

const add = ({ pixels, facts, ...side }: Frame, constant: number): Frame => ({
  ...side,
  pixels: pixels.map((value) => value + constant),
  facts: { ...facts, saturation: facts.saturation + constant },
});

const scale = ({ pixels, facts, ...side }: Frame, factor: number): Frame => ({
  ...side,
  pixels: pixels.map((value) => value * factor),
  facts: { ...facts, gain: facts.gain / factor, saturation: facts.saturation * factor },
});

/** Where a square frame's pixel (x, y) comes to lie. */
type Move = (x: number, y: number) => readonly [number, number];

const stay: Move = (x, y) => [x, y];

const moved = (pair: Pair, move: Move): Pair =>
  both(pair, (frame) => {
    const pixels = new Float32Array(SIDE * SIDE);
    frame.pixels.forEach((value, at) => {
      const [x, y] = move(at % SIDE, Math.floor(at / SIDE));
      pixels[y * SIDE + x] = value;
    });
    return { ...frame, pixels };
  });

function difference(workspace: Workspace, { science, template }: Pair): PairResult {
  const hdu = (image: Frame) => ({ header: [], image });
  return differencePair(workspace, hdu(science), hdu(template), {
    science: science.facts,
    template: template.facts,
  });
}

const workspace = createWorkspace();

const sourcesOf = (pair: Pair): readonly SourceWithoutStamps[] => difference(workspace, pair).sources;

/** How far a source may be from what it must be. */
interface Tolerance {
  /** Pixels. */
  readonly place: number;
  /** Errors of the flux; an aperture of 452 px, the sky's, is three times as sensitive to the sky. */
  readonly flux: number;
  /** Parts of the flux's error, and of the signal-to-noise. */
  readonly noise: number;
  /** Degrees. */
  readonly angle: number;
}

interface Expected {
  readonly move?: Move;
  /** Between the units of the fluxes. */
  readonly factor?: number;
  readonly sign?: 1 | -1;
  /** Where a source must be in both lists. */
  readonly isSeen?: (x: number, y: number) => boolean;
}

/** A source nearer to the threshold of 5 may be lost to rounding. */
const SURE = 7;

/** Expects the sources of both lists to be the same, but for what `expected` says. */
function expectTwins(
  before: readonly SourceWithoutStamps[],
  after: readonly SourceWithoutStamps[],
  { move = stay, factor = 1, sign = 1, isSeen = () => true }: Expected,
  tolerance: Tolerance,
): void {
  const partners = before.map((source) => {
    const [x, y] = move(source.x, source.y);
    return { x, y, source, twin: after.find((other) => Math.hypot(other.x - x, other.y - y) < 1) };
  });
  const isSure = (snr: number | null): boolean => (snr ?? 0) > SURE;
  const lost = partners.filter(({ x, y, source, twin }) => !twin && isSure(source.snr) && isSeen(x, y));
  expect(lost.map(({ x, y, source }) => [x, y, source.snr])).toEqual([]);
  const known = new Set(partners.map(({ twin }) => twin));
  const gained = after.filter((twin) => !known.has(twin) && isSure(twin.snr) && isSeen(twin.x, twin.y));
  expect(gained.map(({ x, y, snr }) => [x, y, snr])).toEqual([]);
  for (const { x, y, source, twin } of partners) {
    if (twin !== undefined && isSeen(x, y)) expectTwin(source, twin, { move, factor, sign }, tolerance);
  }
}

/** How well the fit of a line settles where its ends are, pixels. */
const TRAIL_FIT = 0.05;

const of = (value: number | null): number => value ?? Number.NaN;

function expectTwin(
  source: SourceWithoutStamps,
  twin: SourceWithoutStamps,
  { move, factor, sign }: { move: Move; factor: number; sign: 1 | -1 },
  tolerance: Tolerance,
): void {
  const name = `the source at ${source.x}, ${source.y}: `;
  const near = (what: string, is: number, must: number, within: number): void =>
    expect(Math.abs(is - must), `${name}${what} ${is} must be ${must}`).toBeLessThanOrEqual(within);
  const [x, y] = move(source.x, source.y);
  const isTrail = source.trailLengthErr !== null;
  const place = isTrail ? tolerance.place + TRAIL_FIT : tolerance.place;
  near('distance', Math.hypot(twin.x - x, twin.y - y), 0, place);
  near('snr', of(twin.snr), of(source.snr), tolerance.noise * of(source.snr));
  expect([twin.isDipole, twin.trailLength === null], name).toEqual([
    source.isDipole,
    source.trailLength === null,
  ]);
  // Between a dipole's lobes the flux at a point is steep: only its own fit is looked at.
  if (source.isDipole) {
    near('dipole', of(twin.dipoleLength), of(source.dipoleLength), 5 * tolerance.place);
    nearAngle(of(twin.dipoleAngle), turned(move, of(source.dipoleAngle)), 360, tolerance.angle);
    return;
  }
  expect(twin.isNegative, `${name}sign`).toBe(sign === 1 ? source.isNegative : !source.isNegative);
  const flux = of(source.psfFluxErr);
  near('flux', of(twin.psfFlux) / factor, sign * of(source.psfFlux), tolerance.flux * flux);
  near('error', of(twin.psfFluxErr) / factor, flux, tolerance.noise * flux);
  const sky = of(source.apFluxErr);
  near('aperture', of(twin.apFlux) / factor, sign * of(source.apFlux), 3 * tolerance.flux * sky);
  if (isTrail && sign === 1) {
    const length = TRAIL_FIT + tolerance.flux * of(source.trailLengthErr);
    near('trail', of(twin.trailLength), of(source.trailLength), length);
    nearAngle(of(twin.trailAngle), turned(move, of(source.trailAngle)), 180, tolerance.angle);
  }
}

/** A bearing, degrees from y towards x, after a move. */
function turned(move: Move, degrees: number): number {
  const [ox, oy] = move(0, 0);
  const [x, y] = move(Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180));
  return (Math.atan2(x - ox, y - oy) * 180) / Math.PI;
}

function nearAngle(is: number, must: number, turn: number, within: number): void {
  const off = (((is - must) % turn) + turn) % turn;
  expect(Math.min(off, turn - off), `angle ${is} must be ${must}`).toBeLessThanOrEqual(within);
}

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

  it('has fluxes in the science image\u2019s counts and the same signal-to-noise, whatever an electron counts', () => {
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
    const { workspace: shared, stop } = crewedWorkspace(3);
    try {
      const together = difference(shared, pair);
      expect(together.sources).toEqual(alone.sources);
      expect(together.difference.score).toEqual(alone.difference.score);
      expect(together.difference.image).toEqual(alone.difference.image);
    } finally {
      await stop();
    }
  });
});
