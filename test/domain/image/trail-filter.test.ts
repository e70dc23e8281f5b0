import { describe, expect, it } from 'vitest';
import { trailFilter } from '#shared/domain/image/trail-filter.ts';

const point = {
  trailLength: 0.5,
  trail_flag: false,
  trail_flag_edge: false,
  pixelFlags_offimage: false,
  suspectLongTrail: false,
  footprintDiagonalArcsec: 2,
};

const reasons = (
  change: Partial<Omit<typeof point, 'trailLength'>> & { trailLength?: number | null },
  exposureSeconds = 30,
  limitDegPerDay = 10,
) =>
  trailFilter([{ ...point, ...change }], { exposureSeconds, limitDegPerDay }).dropped.map(
    ({ reason }) => reason,
  );

describe('the trail filter', () => {
  it('keeps points and slow movers', () => {
    expect(
      trailFilter([point, { ...point, trailLength: 12.49 }], { exposureSeconds: 30, limitDegPerDay: 10 }),
    ).toEqual({
      kept: [point, { ...point, trailLength: 12.49 }],
      dropped: [],
    });
  });

  it('drops 10 degrees a day: 12.5" in 30 s, 6.25" in 15 s', () => {
    expect(reasons({ trailLength: 12.5 })).toEqual(['long trail']);
    expect(reasons({ trailLength: 6.26 }, 15)).toEqual(['long trail']);
    expect(reasons({ trailLength: 6.2 }, 15)).toEqual([]);
  });

  it('drops at another limit what is as fast as that', () => {
    expect(reasons({ trailLength: 12.5 }, 30, 20)).toEqual([]);
    expect(reasons({ trailLength: 25 }, 30, 20)).toEqual(['long trail']);
    const unfitted = { trailLength: null, trail_flag: true, footprintDiagonalArcsec: 13 };
    expect(reasons(unfitted, 30, 20)).toEqual([]);
    expect(reasons(unfitted, 30, 2)).toEqual(['unfitted trail with a long footprint']);
  });

  // Lengths of 1.5" times 1 to 10 in 30 s (ap_association's own test): the last two are dropped.
  it('drops of ten lengths the two that the original drops', () => {
    const tenth = Array.from({ length: 10 }, (_, k) => ({ ...point, trailLength: 1.5 * (k + 1) }));
    const { kept } = trailFilter(tenth, { exposureSeconds: 30, limitDegPerDay: 10 });
    expect(kept).toEqual(tenth.slice(0, 8));
  });

  it('drops what is off the image, and long trails at the edge, whose length cannot be told', () => {
    expect(reasons({ pixelFlags_offimage: true })).toEqual(['trail off the image']);
    expect(reasons({ suspectLongTrail: true, trail_flag_edge: true })).toEqual(['long trail at the edge']);
    expect(reasons({ suspectLongTrail: true })).toEqual([]);
  });

  it('drops an unfitted trail by its footprint, also where that has no length', () => {
    const unfitted = { trailLength: null, trail_flag: true };
    expect(reasons({ ...unfitted, footprintDiagonalArcsec: 13 })).toEqual([
      'unfitted trail with a long footprint',
    ]);
    expect(reasons({ ...unfitted, footprintDiagonalArcsec: Number.NaN })).toEqual([
      'unfitted trail with a long footprint',
    ]);
    expect(reasons({ ...unfitted, footprintDiagonalArcsec: 3 })).toEqual([]);
    for (const trailLength of [null, Number.NaN]) {
      const unflagged = { trailLength, footprintDiagonalArcsec: 13 };
      expect(reasons(unflagged)).toEqual(['unfitted trail with a long footprint']);
    }
  });
});
