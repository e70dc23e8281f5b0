import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Header } from '#shared/domain/fits/header.ts';
import { type OpenHdu, openFits } from '#shared/domain/fits/open.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { defaultImageConfig, type ImageConfig } from '#shared/domain/image/config.ts';
import {
  type CalibrationBytes,
  openRaw,
  removeInstrumentSignature,
} from '#shared/domain/image/instrument-signature.ts';
import { MASK } from '#shared/domain/image/masked-image.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { amplifierHdu, detectorPlans, type RawPlan } from '../../support/amplifier-raw.ts';
import { makeScene, random, rawOf } from '../../support/scene.ts';

const workspace = createWorkspace();
const primary: OpenHdu = { header: [{ keyword: 'DARKTIME', value: 30 }] };

function remove(
  hdus: readonly OpenHdu[],
  calibrations: CalibrationBytes = {},
  config: ImageConfig = defaultImageConfig,
) {
  return removeFrom([primary, ...hdus], calibrations, config);
}

function removeFrom(hdus: readonly OpenHdu[], calibrations: CalibrationBytes, config: ImageConfig) {
  const raw = openRaw(hdus);
  workspace.clear();
  const planes = {
    image: workspace.floats(raw.width * raw.height).fill(Number.NaN),
    mask: workspace.words(raw.width * raw.height).fill(7),
  };
  const signature = removeInstrumentSignature(raw, calibrations, config, planes, workspace);
  return { ...raw, ...signature, image: planes.image.slice(), mask: planes.mask.slice() };
}

describe('a quarter of each sensor of LSSTCam, by its headers alone', () => {
  const code = (x: number, y: number): number => (x * 7 + y * 13) % 1009;
  it.each([
    ['ITL', { prescan: 3, columns: 509, rows: 2000, overscan: [64, 48] }, true, 1018, 4000],
    ['E2V', { prescan: 10, columns: 512, rows: 2002, overscan: [54, 46] }, false, 1024, 4004],
  ] as const)('%s', (_, sensor, upperReversed, width, height) => {
    const plans = detectorPlans(sensor, 2, upperReversed);
    const hdus = plans.map((plan, k) =>
      amplifierHdu(plan, ({ lit, row, x, y }) => 20_000 + 100 * k + row / 512 + (lit ? code(x, y) : 0)),
    );
    const found = remove(hdus);
    expect([found.width, found.height]).toEqual([width, height]);
    let worst = 0;
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at++)
        worst = Math.max(worst, Math.abs(found.image[at] - code(x, y)), found.mask[at]);
    // Rows of 20,000 and a fraction round to 0.002 in single precision.
    expect(worst).toBeLessThan(0.01);
  });
});

describe('a scene that 16 amplifiers of different gain and direction read', () => {
  const scene = makeScene({ seed: 4, size: 256, stars: 30, galaxies: 5, transients: 0 });
  const found = removeFrom(openFits(rawOf(scene)), {}, defaultImageConfig);

  it('comes back electron by electron, with its noise', () => {
    const { width, height, image, signatureRemoved, readNoise, amplifiers } = found;
    expect([width, height, signatureRemoved, readNoise]).toEqual([256, 256, true, 6]);
    expect(amplifiers.map(({ gain }) => gain)).toEqual(Array.from({ length: 16 }, (_, k) => 1.4 + 0.02 * k));
    // Rounding to ADU is 0.9 e-, the overscan of 29 columns averaged over five rows 0.5 e- rms.
    expect(worstOf(image, scene.science)).toBeLessThan(4);
  });

  it('has its saturated stars masked and nothing else', () => {
    const { image, mask } = found;
    for (let i = 0; i < image.length; i++) {
      if (scene.science[i] > 98_500) expect(mask[i] & MASK.SAT).not.toBe(0);
      if ((mask[i] & MASK.SAT) === 0) continue;
      const near = [0, 1, 2, 3].some((d) =>
        [i - d, i + d, i - 256 * d, i + 256 * d, i - 257 * d, i + 257 * d, i - 255 * d, i + 255 * d].some(
          (k) => scene.science[k] > 40_000,
        ),
      );
      expect(near).toBe(true);
    }
  });
});

it('takes a frame without overscan as it is, and says so', () => {
  const pixels = Float32Array.from({ length: 64 * 32 }, (_, i) => (i === 9 ? Number.NaN : i % 7));
  const cards = [
    { keyword: 'GAIN', value: 4 },
    { keyword: 'SATURATE', value: 6 },
  ];
  const bytes = writeFits([{ header: cards, image: { width: 64, height: 32, pixels } }]);
  const { image, mask, signatureRemoved, gain, readNoise } = removeFrom(
    openFits(bytes),
    {},
    { ...defaultImageConfig, readNoise: 9 },
  );
  expect([signatureRemoved, gain, readNoise]).toEqual([false, 4, 9]);
  expect([image[5], image[9]]).toEqual([20, 0]);
  expect(mask[9] & MASK.NO_DATA).toBe(MASK.NO_DATA);
  expect(mask[20] & MASK.SAT).toBe(MASK.SAT);
});

it('refuses a gain that is none', () => {
  const image = { width: 32, height: 16, pixels: new Float32Array(512) };
  const hdus = openFits(writeFits([{ header: [{ keyword: 'GAIN', value: 0 }], image }]));
  expect(() => removeFrom(hdus, {}, defaultImageConfig)).toThrow('GAIN is 0 and must be positive');
});

const small = { prescan: 3, columns: 24, rows: 30, overscan: [16, 14] as const };
const plans = detectorPlans(small, 2, true);

/** Without a parallel overscan. */
const plan30: RawPlan = { ...plans[0], overscan: [16, 0] };

/** A small detector with noise, whole ADU; a star that saturates, a bright pixel in each amplifier. */
function drawn(seed: number) {
  const { uniform, normal } = random(seed);
  const electrons = Float64Array.from({ length: 48 * 60 }, () => 300 + 20 * normal());
  for (let k = 0; k < 6; k++) electrons[Math.floor(uniform() * electrons.length)] = 5000 * uniform();
  for (let y = 20; y < 26; y++) electrons.fill(90_000, y * 48 + 10, y * 48 + 13);
  const noise = Float64Array.from({ length: 4096 }, () => 4 * normal());
  const level = Math.round(15_000 + 9000 * uniform());
  return { electrons, noise, level };
}

function readOut(
  seed: number,
  {
    add = 0,
    gain = 1.5,
    reversed,
    names,
    cards = [],
  }: {
    add?: number;
    gain?: number;
    reversed?: RawPlan['reversed'];
    names?: ReadonlyMap<string, Partial<RawPlan>>;
    cards?: Header;
  } = {},
): OpenHdu[] {
  const { electrons, noise, level } = drawn(seed);
  return plans.map((plan, k) => {
    const saturation = { keyword: 'SATURATE', value: level + 50_000 + add };
    const whole = {
      ...plan,
      reversed,
      cards: [{ keyword: 'GAIN', value: gain }, saturation, ...cards],
      ...names?.get(plan.name),
    };
    return amplifierHdu(whole, ({ column, row, lit, x, y }) => {
      // The parallel overscan is the detector's column's own, whichever way it is read.
      const across = column >= 0 && column < small.columns ? x : 100 + column;
      const dark = noise[(across * 41 + row * 7 + 997 * k) & 4095];
      return Math.round(level + add + (lit ? electrons[y * 48 + x] / 1.5 : dark));
    });
  });
}

const worstOf = (a: Float32Array, b: Float32Array, factor = 1): number =>
  a.reduce((worst, value, at) => Math.max(worst, Math.abs(factor * value - b[at])), 0);

describe('what must not change anything', () => {
  const seeds = fc.integer({ min: 1, max: 1e6 });

  it('a constant on the raw, overscan included', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: -10_000, max: 30_000 }), (seed, add) => {
        const [plain, raised] = [remove(readOut(seed)), remove(readOut(seed, { add }))];
        expect(worstOf(plain.image, raised.image)).toBeLessThan(1e-3);
        expect(raised.mask).toEqual(plain.mask);
        expect(raised.readNoise).toBeCloseTo(plain.readNoise, 6);
      }),
      { numRuns: 40 },
    );
  });

  it('the scale of the gain, which scales the electrons', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0.2, max: 5, noNaN: true }), (seed, factor) => {
        const [plain, scaled] = [remove(readOut(seed)), remove(readOut(seed, { gain: 1.5 * factor }))];
        expect(worstOf(plain.image, scaled.image, factor)).toBeLessThan(0.02 * factor);
        expect(scaled.mask).toEqual(plain.mask);
        expect(scaled.readNoise / plain.readNoise).toBeCloseTo(factor, 6);
      }),
      { numRuns: 40 },
    );
  });

  it("the file's order against the read-out's, which DATASEC tells", () => {
    const side = fc.tuple(fc.boolean(), fc.boolean());
    fc.assert(
      fc.property(seeds, side, (seed, reversed) => {
        const crosstalk = matrix([0, 0.01, 0.002, 0.003]);
        const [plain, other] = [
          remove(readOut(seed), { crosstalk }),
          remove(readOut(seed, { reversed }), { crosstalk }),
        ];
        expect(worstOf(plain.image, other.image)).toBeLessThan(1e-2);
        expect(other.mask).toEqual(plain.mask);
      }),
      { numRuns: 40 },
    );
  });

  it('the direction in which an amplifier is read, with its DETSEC', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom(...plans), (seed, { name, first, step }) => {
        const turned = new Map([
          [
            name,
            { first: [first[0] + step[0] * 23, first[1]], step: [step[0] > 0 ? -1 : 1, step[1]] } as const,
          ],
        ]);
        const [plain, other] = [remove(readOut(seed)), remove(readOut(seed, { names: turned }))];
        expect(worstOf(plain.image, other.image)).toBeLessThan(1e-3);
        expect(other.mask).toEqual(plain.mask);
      }),
      { numRuns: 40 },
    );
  });
});

describe('overscans', () => {
  const plan = plans[0];

  it('takes BIASSEC where the header states one', () => {
    const cards = [{ keyword: 'BIASSEC', value: '[38:43,1:30]' }];
    const hdu = amplifierHdu({ ...plan30, cards }, ({ lit, column }) => (lit ? 150 : column >= 34 ? 100 : 0));
    expect(remove([hdu]).image.every((value) => value === 50)).toBe(true);
  });

  it('subtracts from a column what its parallel overscan has, but no charge that bled there', () => {
    const { normal } = random(3);
    const hdu = amplifierHdu(plan, ({ column, row, lit }) => {
      const offset = column === 5 ? 12 : column === 9 && !lit ? 3000 : 0;
      const inside = column >= 0 && column < 24;
      return 1000 + 2 * normal() + (inside ? offset + 6 : 0) + (lit ? 200 : 0) + 0.01 * row;
    });
    const { image } = remove([hdu]);
    for (const column of [3, 5, 9, 20]) {
      let sum = 0;
      for (let y = 0; y < 30; y++) sum += image[y * 24 + 23 - column];
      expect(Math.abs(sum / 30 - 200)).toBeLessThan(2.5);
    }
  });

  it('measures the read noise, among rows that a bleeding star spoils', () => {
    const { normal } = random(4);
    const hdu = amplifierHdu({ ...plan, overscan: [64, 0] }, ({ row }) => {
      return 1000 + 4 * normal() + (row === 12 ? 500 : 0);
    });
    expect(remove([hdu], {}, { ...defaultImageConfig, gain: 2 }).readNoise).toBeCloseTo(8, 0);
  });

  it('marks as NO_DATA what no amplifier covers, and values that are no number', () => {
    const hdu = amplifierHdu({ ...plan, first: [23 + 10, 0] }, ({ lit, x, y }) =>
      lit && x === 12 && y === 3 ? Number.NaN : 100,
    );
    const other = amplifierHdu({ ...plans[1], first: [70, 0] }, () => 100);
    const { width, image, mask } = remove([hdu, other]);
    expect(width).toBe(61);
    expect(mask[30]).toBe(MASK.NO_DATA);
    expect(mask[3 * 61 + 2]).toBe(MASK.NO_DATA);
    expect(mask[4 * 61 + 2]).toBe(0);
    expect(image.every((value) => value === 0)).toBe(true);
  });
});

/** Every victim has these coefficients of the amplifiers after it, cyclically. */
function matrix(row: readonly number[]): Uint8Array {
  const names = plans.map(({ name }) => name);
  const coefficients = names.map((_, victim) =>
    names.map((__, aggressor) => row[(aggressor - victim + names.length) % names.length]),
  );
  return new TextEncoder().encode(JSON.stringify({ amplifiers: names, coefficients }));
}

describe('crosstalk', () => {
  it('is subtracted from the pixel that is read at the same moment', () => {
    const leak = 0.01;
    const source = plans[2];
    const hdus = plans.map((plan) =>
      amplifierHdu(plan, ({ column, row, lit }) => {
        const ghost = lit && column === 7 && row === 11;
        return 1000 + (ghost ? (plan === source ? 40_000 : 40_000 * leak) : 0);
      }),
    );
    const { image, width } = remove(hdus, { crosstalk: matrix([0, leak, leak, leak]) });
    const at = ({ first, step }: RawPlan): number =>
      image[(first[1] + 11 * step[1]) * width + first[0] + 7 * step[0]];
    // The ghosts leak into the source in turn: 3 x 400 x 0.01, and into each other.
    expect(at(source)).toBeCloseTo(40_000 - 12, 0);
    for (const plan of plans) if (plan !== source) expect(Math.abs(at(plan))).toBeLessThan(10);
  });

  it.each([
    ['{', /no JSON/],
    ['[]', /must be an object/],
    ['{"amplifiers": ["a"], "coefficients": []}', /a row for each of the 1 amplifiers/],
    ['{"amplifiers": ["a"], "coefficients": [[1, 2]]}', /row 0 must have 1/],
    ['{"amplifiers": ["a"], "coefficients": [["x"]]}', /\[0\]\[0\] must be a number/],
    ['{"amplifiers": ["a"], "coefficients": [[0.01]]}', /\[0\]\[0\] must be 0/],
    ['{"amplifiers": ["a", "a"], "coefficients": [[0, 0], [0, 0]]}', /named twice/],
    ['{"amplifiers": ["a", "b"], "coefficients": [[0, 2], [0, 0]]}', /at most 0.1, not 2/],
    ['{"amplifiers": ["a"], "coefficients": [[0]]}', /does not know amplifier Segment10/],
  ])('refuses %s', (text, message) => {
    expect(() => remove(readOut(1), { crosstalk: new TextEncoder().encode(text) })).toThrow(message);
  });
});

describe('saturation', () => {
  it('bleeds along the column while the pixel is half full, and grows by 2 px', () => {
    const cards = [{ keyword: 'SATURATE', value: 51_000 }];
    const hdu = amplifierHdu({ ...plan30, cards }, ({ lit, x, y }) => {
      const bleeding = x === 12 && y > 8 && y < 22;
      return 1000 + (lit && x === 12 && y === 15 ? 60_000 : lit && bleeding ? 30_000 : 0);
    });
    const { mask, width } = remove([hdu]);
    const marked = Array.from(mask).flatMap((bits, at) => ((bits & MASK.SAT) !== 0 ? [at] : []));
    const [xs, ys] = [marked.map((at) => at % width), marked.map((at) => Math.floor(at / width))];
    expect([Math.min(...xs), Math.max(...xs)]).toEqual([10, 14]);
    expect([Math.min(...ys), Math.max(...ys)]).toEqual([7, 23]);
    expect(marked).toHaveLength(5 * 17);
  });
});
