import { expect, test } from 'vitest';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { processDetector } from '#shared/domain/image/detector.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { makeScene, rawOf, templateOf } from '../../support/scene.ts';

test.each([30, 1000])('a new star of S/N %i among few others is found, not taken for a bad match', (snr) => {
  const scene = makeScene({
    seed: 1,
    size: 256,
    stars: 40,
    galaxies: 5,
    transients: 1,
    brightest: 2e5,
    snr: [snr],
  });
  const result = processDetector(createWorkspace(), {
    raw: rawOf(scene),
    templates: [{ bytes: templateOf(scene) }],
    references: scene.references,
    predictedWcs: scene.predictedWcs,
    config: defaultImageConfig,
  });
  expect(result).toMatchObject({ outcome: 'measured' });
  const [{ x, y }] = scene.transients;
  const sources = result.outcome === 'measured' ? result.sources : [];
  expect(sources.filter((source) => Math.hypot(source.x - x, source.y - y) < 2)).toHaveLength(1);
});
