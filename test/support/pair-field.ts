import type { FrameFacts } from '#shared/domain/image/pair.ts';
import { addMoffat, READ_NOISE, random } from './scene.ts';

/** Counts as a camera gives them, and what is known of them. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly pixels: Float32Array;
  readonly facts: FrameFacts & { readonly gain: number; readonly saturation: number };
}

export interface Pair {
  readonly science: Frame;
  readonly template: Frame;
}

/** A field from which windows of SIDE² are cut; shifts by up to 32 px stay within it. */
export const FIELD = 288;
export const SIDE = 256;

/** Sky and its read noise make this variance, electrons². */
export const SKY = 2000;
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
 * Stars of 6,000 to 60,000 electrons, a dozen transients and faders of S/N 15 to 30, a mover and a trail: enough stars that
 * no property hangs on whether one of them is clipped.
 */
export function drawField({ seed, scienceFwhm, templateFwhm, depth }: Recipe): Pair {
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
    // A star's noise area is about 4 FWHM².
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

export const both = (pair: Pair, change: (frame: Frame) => Frame): Pair => ({
  science: change(pair.science),
  template: change(pair.template),
});

export const cut = (pair: Pair, left: number, bottom: number): Pair =>
  both(pair, (frame) => ({
    ...frame,
    width: SIDE,
    height: SIDE,
    pixels: Float32Array.from(
      { length: SIDE * SIDE },
      (_, at) => frame.pixels[(bottom + Math.floor(at / SIDE)) * frame.width + left + (at % SIDE)],
    ),
  }));

export const add = ({ pixels, facts, ...side }: Frame, constant: number): Frame => ({
  ...side,
  pixels: pixels.map((value) => value + constant),
  facts: { ...facts, saturation: facts.saturation + constant },
});

export const scale = ({ pixels, facts, ...side }: Frame, factor: number): Frame => ({
  ...side,
  pixels: pixels.map((value) => value * factor),
  facts: { ...facts, gain: facts.gain / factor, saturation: facts.saturation * factor },
});

/** Where a square frame's pixel (x, y) comes to lie. */
export type Move = (x: number, y: number) => readonly [number, number];

export const moved = (pair: Pair, move: Move): Pair =>
  both(pair, (frame) => {
    const pixels = new Float32Array(SIDE * SIDE);
    frame.pixels.forEach((value, at) => {
      const [x, y] = move(at % SIDE, Math.floor(at / SIDE));
      pixels[y * SIDE + x] = value;
    });
    return { ...frame, pixels };
  });
