import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Header } from '#shared/domain/fits/header.ts';
import { type Image, readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { processDetector } from '#shared/domain/image/detector.ts';
import type { MeasuredSource } from '#shared/domain/image/measured-source.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { withCrew } from '../../support/imaging-crew.ts';
import { makeScene, rawOf, templateOf } from '../../support/scene.ts';
import { expectTwins } from '../../support/source-twins.ts';

const workspace = createWorkspace();

describe('a detector from its raw', () => {
  const scene = makeScene({
    ...{ seed: 6, size: 384, stars: 60, galaxies: 20, transients: 10, faders: 3, brightest: 4e5 },
    snr: [15, 20, 25, 30],
  });
  const raw = readFits(rawOf(scene));
  const template = readFits(templateOf(scene));

  /** Sources with the counts of the raw, gains and saturation changed, and all that is known in nJy times `njy`. */
  function detected(
    { add = 0, times = 1, njy = 1 }: { add?: number; times?: number; njy?: number },
    on = workspace,
  ): readonly MeasuredSource[] {
    const change: Record<string, (value: number) => number> = {
      GAIN: (value) => value / times,
      SATURATE: (value) => value * times + add,
    };
    const result = processDetector(on, {
      raw: writeFits(
        raw.map(({ header, image }) => ({
          header: changed(header, change),
          image: image && changedImage(image, (value) => value * times + add),
        })),
      ),
      // The image's unit, and the variance's, its square.
      templates: [
        {
          bytes: writeFits(
            template.map(({ header, image }, k) => ({
              header,
              image: image && changedImage(image, (value) => value * njy ** k),
            })),
          ),
        },
      ],
      references: scene.references.map((star) => ({
        ...star,
        fluxNjy: star.fluxNjy * njy,
        fluxErrNjy: star.fluxErrNjy * njy,
      })),
      predictedWcs: scene.predictedWcs,
      config: defaultImageConfig,
    });
    if (result.outcome !== 'measured') throw new Error(`refused: ${result.reason}`);
    return result.sources;
  }

  let sources: readonly MeasuredSource[];
  beforeAll(() => {
    sources = detected({});
  });
  /** Single precision's, as its thousands of pixels leave it. */
  const rounding = { place: 1e-4, flux: 2e-3, noise: 1e-4, angle: 0.1 };

  it('does not see the pedestal of its amplifiers', () => {
    expect(sources.length).toBeGreaterThanOrEqual(10);
    fc.assert(
      fc.property(fc.integer({ min: -10_000, max: 40_000 }), (add) => {
        expectTwins(sources, detected({ add }), {}, rounding);
      }),
      { numRuns: 2 },
    );
  });

  it('is the same to the last bit when twice the counts are half an electron each', () => {
    expect(withDigests(detected({ times: 2 }))).toEqual(withDigests(sources));
  });

  it('has the unit of its template and reference stars', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (njy) => {
        expectTwins(sources, detected({ njy }), { factor: njy }, rounding);
      }),
      { numRuns: 2 },
    );
  });

  it('is the same to the last bit, stamps included, with a crew of three threads', async () => {
    await withCrew((shared) => expect(withDigests(detected({}, shared))).toEqual(withDigests(sources)));
  });
});

/** Sources with digests for stamps, whose differences would take a minute to print. */
const withDigests = (sources: readonly MeasuredSource[]) =>
  sources.map(({ stamps, ...source }) => {
    const digests = Object.values(stamps).map((bytes) => createHash('sha256').update(bytes).digest('hex'));
    return { ...source, digests };
  });

function changed(header: Header, change: Record<string, (value: number) => number>): Header {
  return header.map((card) =>
    typeof card.value === 'number' && card.keyword in change
      ? { ...card, value: change[card.keyword](card.value) }
      : card,
  );
}

function changedImage({ width, height, pixels }: Image, change: (value: number) => number): Image {
  const made =
    pixels instanceof Float32Array ? new Float32Array(pixels.length) : new Int32Array(pixels.length);
  for (let at = 0; at < made.length; at++) made[at] = change(pixels[at]);
  return { width, height, pixels: made };
}
