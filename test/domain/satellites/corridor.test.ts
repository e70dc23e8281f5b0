import { describe, expect, it } from 'vitest';
import { arcBetween } from '#shared/domain/satellites/arc.ts';
import { boxesOnTracks } from '#shared/domain/satellites/corridor.ts';
import { ARCSEC_A_RADIAN, toVector } from '#shared/domain/sky/vector.ts';

const corridorArcsec = 50;

/** A square of 2 x `half` arcseconds around a place. */
function square(raDeg: number, decDeg: number, half: number): number[] {
  const [dec, ra] = [half / 3600, half / 3600 / Math.cos((decDeg * Math.PI) / 180)];
  return [
    [-ra, -dec],
    [ra, -dec],
    [ra, dec],
    [-ra, dec],
  ].flatMap(([east, north]) => [raDeg + east, decDeg + north]);
}

const north = (arcsec: number) => arcsec / 3600;

describe.each([
  ['at the equator', 150, 0],
  ['at dec -80', 150, -80],
  ['at RA 0', 0, -30],
])('the corridor %s', (_, raDeg, decDeg) => {
  const arc = arcBetween(toVector(raDeg - 0.002, decDeg), toVector(raDeg + 0.002, decDeg));
  const path = [{ arc, halfWidth: corridorArcsec / ARCSEC_A_RADIAN }];
  const boresight = { raDeg, decDeg };
  const blocked = (...boxes: number[][]) => boxesOnTracks(Float64Array.from(boxes.flat()), path, boresight);

  it('takes every box that reaches into it, whatever their order', () => {
    expect(
      blocked(
        square(raDeg, decDeg, 2),
        square(raDeg, decDeg + north(corridorArcsec + 1.9), 2),
        square(raDeg, decDeg + north(corridorArcsec + 2.1), 2),
        square(raDeg, decDeg - north(corridorArcsec + 99), 100),
        square(raDeg, decDeg - north(corridorArcsec + 101), 100),
      ),
    ).toEqual([true, true, false, true, false]);
  });

  it('is as wide in RA as in Dec', () => {
    const east = (arcsec: number) => raDeg + 0.002 + arcsec / 3600 / Math.cos((decDeg * Math.PI) / 180);
    const inside = square(east(corridorArcsec + 1.9), decDeg, 2);
    const outside = square(east(corridorArcsec + 2.1), decDeg, 2);
    expect(blocked(inside, outside)).toEqual([true, false]);
  });

  it('refuses a box outside the field, where no path was looked for', () => {
    expect(() => blocked(square(raDeg, decDeg + 2.3, 2))).toThrow(/Source 0 reaches 2\.30 degrees/);
    expect(() => blocked(square(raDeg, decDeg, 2), square(raDeg + 180, -decDeg, 2))).toThrow(/Source 1/);
    expect(() => blocked([Number.NaN, 0, 0, 0, 0, 0, 0, 0])).toThrow(/Source 0/);
  });
});

it('lets everything pass where there is no path, and answers nothing for nothing', () => {
  const boresight = { raDeg: 10, decDeg: 10 };
  expect(boxesOnTracks(Float64Array.from(square(10, 10, 2)), [], boresight)).toEqual([false]);
  expect(boxesOnTracks(new Float64Array(0), [], boresight)).toEqual([]);
});
