import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { numberOf } from '#shared/domain/fits/header.ts';
import { readFits } from '#shared/domain/fits/read.ts';
import { writeFits } from '#shared/domain/fits/write.ts';
import { defaultImageConfig } from '#shared/domain/image/config.ts';
import { processDetector } from '#shared/domain/image/detector.ts';
import { createWorkspace } from '#shared/domain/image/workspace.ts';
import { sharedData } from '../../support/shared-data.ts';

const files = ['OBS04a', 'OBS18a'].map((name) => sharedData('images', 'decam', `DEC-${name}.mini.fits`));

it.skipIf(files.includes(undefined))(
  'a real DECam frame without overscan, references or a calibrated WCS goes through by its declared zero point',
  () => {
    const [science, template] = files.map(
      (path) => readFits(readFileSync(path ?? ''), { verifyChecksums: false })[0],
    );
    const njyPerCount = 12;
    const scaled = Float32Array.from(template.image?.pixels ?? [], (value) => value * njyPerCount);
    const variance = new Float32Array(scaled.length).fill((52 * njyPerCount) ** 2);
    const plane = (name: string, pixels: Float32Array) => ({
      header: [
        ...template.header.filter(({ keyword }) => keyword !== 'EXTNAME'),
        { keyword: 'EXTNAME', value: name },
      ],
      image: { width: 256, height: 256, pixels },
    });
    const result = processDetector(createWorkspace(), {
      raw: writeFits([{ header: science.header, image: science.image }]),
      templates: [
        { bytes: writeFits([{ header: [] }, plane('IMAGE', scaled), plane('VARIANCE', variance)]) },
      ],
      references: [],
      declaredZeroPoint: njyPerCount,
      config: defaultImageConfig,
    });
    if (result.outcome === 'refused') throw new Error(result.reason);
    expect(result.quality.signatureRemoved).toBe(false);
    expect(result.quality.varianceFrom).toBe('measured background');
    expect(result.quality.njyPerElectron).toBeCloseTo(
      njyPerCount / (numberOf(science.header, 'GAIN') ?? 0),
      6,
    );
    expect(Math.abs(result.quality.kernelSum - 1)).toBeLessThan(0.1);
    expect(result.sources.length).toBeGreaterThan(0);
    expect(result.sources.length).toBeLessThan(10);
    for (const { ra, dec } of result.sources) {
      expect(ra).toBeGreaterThan(318);
      expect(ra).toBeLessThan(318.2);
      expect(dec).toBeLessThan(-65.9);
    }
  },
);
