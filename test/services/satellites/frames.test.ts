import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rubinSite } from '#shared/domain/ids/instruments/raft.ts';
import { earthFrameAt, turn } from '#shared/domain/satellites/earth-frame.ts';
import { ARCSEC_A_RADIAN, angleArcsec, type Vector } from '#shared/domain/sky/vector.ts';
import { mjdTai, mjdUtcFromTai } from '#shared/domain/time/scales.ts';
import { python, pythonWithPackages } from '../../support/python.ts';
import { obtain } from '../../support/services/availability.ts';

const astropy = await obtain(pythonWithPackages);
const script = join(import.meta.dirname, 'frames-oracle.py');

describe.skipIf(!astropy)('the Earth’s frame from 2010 to 2027', async () => {
  const moments: number[][] = astropy ? JSON.parse(await python(script, [])) : [];
  const vector = (row: readonly number[], at: number): Vector => [row[at], row[at + 1], row[at + 2]];
  const between = (a: Vector, b: Vector) => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

  it('is astropy’s: TEME’s axes, the observer and his motion, the Earth’s motion', () => {
    const worst = { teme: 0, observerM: 0, observerMs: 0, aberration: 0 };
    for (const row of moments) {
      const frame = earthFrameAt(mjdUtcFromTai(mjdTai(row[0])), rubinSite);
      for (const [index, axis] of axes.entries()) {
        const off = angleArcsec(turn(frame.fromTeme, axis), vector(row, 1 + 3 * index));
        worst.teme = Math.max(worst.teme, off);
      }
      worst.observerM = Math.max(worst.observerM, 1000 * between(frame.observer, vector(row, 10)));
      const speed = 1000 * between(frame.observerVelocity, vector(row, 13));
      worst.observerMs = Math.max(worst.observerMs, speed);
      const earth = ARCSEC_A_RADIAN * between(frame.earthVelocity, vector(row, 16));
      worst.aberration = Math.max(worst.aberration, earth);
    }
    console.log(worst);
    expect(moments.length).toBe(2000);
    // The small terms of nutation, and the Sun's own motion, that ours leaves out.
    expect(worst.teme).toBeLessThan(0.03);
    expect(worst.observerM).toBeLessThan(1);
    expect(worst.observerMs).toBeLessThan(0.001);
    expect(worst.aberration).toBeLessThan(0.03);
  });
});

const axes: readonly Vector[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];
