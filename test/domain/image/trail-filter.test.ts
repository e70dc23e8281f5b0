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
  seconds = 30,
) => trailFilter([{ ...point, ...change }], seconds).dropped.map(({ reason }) => reason);

describe('the trail filter', () => {
  it('keeps points and slow movers', () => {
    expect(trailFilter([point, { ...point, trailLength: 12.49 }], 30)).toEqual({
      kept: [point, { ...point, trailLength: 12.49 }],
      dropped: [],
    });
  });

  it('drops 10 degrees a day: 12.5" in 30 s, 6.25" in 15 s', () => {
    expect(reasons({ trailLength: 12.5 })).toEqual(['long trail']);
    expect(reasons({ trailLength: 6.26 }, 15)).toEqual(['long trail']);
    expect(reasons({ trailLength: 6.2 }, 15)).toEqual([]);
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
  });
});
