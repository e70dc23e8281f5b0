import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { orientationAt, orientationHorizonMjdUtc } from '#shared/domain/sky/earth-orientation.ts';
import { generatedOrientation, orientationTable } from '../../../templates/earth-orientation.ts';
import { python, pythonWithPackages } from '../../support/python.ts';
import { obtain } from '../../support/services/availability.ts';

interface Told {
  /** Path of finals2000A.all. */
  readonly finals: string;
  readonly release: string;
  readonly moments: readonly (readonly [mjdUtc: number, ut1MinusUtc: number, x: number, y: number])[];
  /** Of UT1 - UTC in seconds, as Bulletin A states them. */
  readonly errors: readonly (readonly [mjdUtc: number, seconds: number])[];
}

const astropy = await obtain(pythonWithPackages);
const script = join(import.meta.dirname, 'orientation-oracle.py');

describe.skipIf(!astropy)('the Earth’s orientation', async () => {
  const { finals, release, moments, errors }: Told = astropy
    ? JSON.parse(await python(script, []))
    : { finals: '', release: '', moments: [], errors: [] };

  it('is the table that its script makes of IERS’s file', () => {
    expect(orientationTable(readFileSync(finals, 'utf8'), release)).toBe(
      readFileSync(generatedOrientation, 'utf8'),
    );
  });

  it('is within 1 ms and 0.0025" of what astropy reads, leap seconds and predictions included', () => {
    const worst = { ut1: 0, pole: 0 };
    for (const [mjd, ut1MinusUtc, x, y] of moments) {
      const ours = orientationAt(mjd);
      worst.ut1 = Math.max(worst.ut1, Math.abs(ours.ut1MinusUtcSeconds - ut1MinusUtc));
      worst.pole = Math.max(worst.pole, Math.abs(ours.poleXArcsec - x), Math.abs(ours.poleYArcsec - y));
    }
    console.log(`worst of ${moments.length} moments: UT1 ${worst.ut1} s, pole ${worst.pole}"`);
    expect(moments.length).toBeGreaterThan(4 * 365 * 16);
    expect(worst.ut1).toBeLessThan(0.001);
    expect(worst.pole).toBeLessThan(0.0025);
  });

  it('says as much of its error as Bulletin A does', () => {
    expect(errors.at(-1)![0]).toBe(orientationHorizonMjdUtc);
    for (const [mjd, stated] of errors) {
      const ours = orientationAt(mjd).ut1ErrorSeconds;
      expect(ours).toBeGreaterThan(stated);
      expect(ours).toBeLessThan(stated + 0.0025);
    }
  });
});
