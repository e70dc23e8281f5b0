import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expose } from '../../cli/simulator/exposure.ts';
import { conditionsOf } from '../../cli/simulator/observation.ts';
import { detectorsOf } from '../../cli/simulator/observatory-data.ts';
import { rawFile } from '../../cli/simulator/raw-file.ts';
import { planNight } from '../../cli/simulator/survey-plan.ts';
import { openTruth } from '../../cli/simulator/truth.ts';
import { testFolder } from '../support/folders.ts';
import { python, pythonWithPackages } from '../support/python.ts';
import { obtain } from '../support/services/availability.ts';

interface Told {
  readonly obsid: string;
  readonly timesys: string;
  readonly sizes: readonly (readonly number[])[];
  readonly types: readonly string[];
  readonly median: number;
  readonly sigma: number;
  readonly stars: number;
  readonly offset: number;
}

const astropy = await obtain(pythonWithPackages);

/** LSSTCam: detector 0 is an ITL sensor, detector 36 (R11_S00) an E2V one. */
describe.skipIf(!astropy)('a simulated raw, as astropy reads it', () => {
  it.each([
    ['SimCam', 4, [528, 164]],
    ['LSSTCam', 0, [2048, 576]],
    ['LSSTCam', 36, [2048, 576]],
  ])('%s, detector %i', async (camera, number, size) => {
    const plan = planNight({ camera, seed: 11, visits: 1, detectors: number + 1 });
    const visit = plan.visitAt(0);
    const detector = detectorsOf(plan)[number];
    const { images, truth } = expose(plan, visit, detector, []);
    const folder = testFolder();
    const raw = join(folder, 'raw.fits');
    writeFileSync(raw, rawFile(plan, visit, detector, images).fits);
    const table = await openTruth(folder, plan);
    await table.add(visit, conditionsOf(plan.seed, visit), truth, 0);
    const script = join(import.meta.dirname, 'simulator-oracle.py');
    const told: Told = JSON.parse(await python(script, [raw, join(folder, 'sources.csv'), String(number)]));
    expect(told).toMatchObject({ obsid: visit.obsId, timesys: 'TAI', types: ['CompImageHDU int32'] });
    expect(told.sizes).toEqual(Array(16).fill(size));
    const { sky } = conditionsOf(plan.seed, visit);
    expect(told.median / sky).toBeGreaterThan(0.9);
    expect(told.median / sky).toBeLessThan(1.1);
    // Faint sources and vignetting widen the distribution a little.
    expect(told.sigma / Math.sqrt(told.median + 36)).toBeGreaterThan(0.98);
    expect(told.sigma / Math.sqrt(told.median + 36)).toBeLessThan(1.3);
    expect(told.stars).toBeGreaterThan(5);
    expect(told.offset).toBeLessThan(0.05);
  });
});
