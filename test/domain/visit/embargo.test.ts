import { describe, expect, test } from 'vitest';
import { mjdTai, mjdTaiFromUtc, mjdUtc } from '#shared/domain/time/scales.ts';
import { embargoCards } from '#shared/domain/visit/embargo.ts';

const values = (cards: ReturnType<typeof embargoCards>) =>
  cards.map(({ keyword, value }) => [keyword, value]);

describe('the embargo of an image', () => {
  test('ends so many hours after its exposure, in UTC', () => {
    // 2025-06-09T12:00:00 TAI, which is 37 s ahead of UTC.
    expect(values(embargoCards(mjdTai(60_835.5), 80))).toEqual([
      ['EMBARGO', '2025-06-12T19:59:23.000'],
      ['EMBHOURS', 80],
    ]);
    expect(values(embargoCards(mjdTai(60_835.5), 0.5))[0]).toEqual(['EMBARGO', '2025-06-09T12:29:23.000']);
  });

  test('counts from the exposure’s UTC, also over a leap second', () => {
    // 2016-12-31T12:00:00 UTC; 2017 began with a leap second.
    const end = mjdTaiFromUtc(mjdUtc(57_753.5));
    expect(values(embargoCards(end, 24))[0]).toEqual(['EMBARGO', '2017-01-01T12:00:00.000']);
  });

  test('of no hours is no card', () => {
    expect(embargoCards(mjdTai(60_835.5), 0)).toEqual([]);
  });
});
