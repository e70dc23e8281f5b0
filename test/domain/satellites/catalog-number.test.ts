import { expect, it } from 'vitest';
import { catalogNumber } from '#shared/domain/satellites/catalog-number.ts';

// The letters' values and the first examples are those of Space-Track's page on alpha-5.
it.each([
  ['A0000', 100_000],
  ['E8493', 148_493],
  ['H9999', 179_999],
  ['J2931', 182_931],
  ['N9999', 229_999],
  ['P4018', 234_018],
  ['W1928', 301_928],
  ['Z9999', 339_999],
  ['00005', 5],
  ['   12', 12],
  ['25544', 25_544],
  [25_544, 25_544],
  ['340000', 340_000],
  [799_500_766, 799_500_766],
])('reads %j', (text, number) => {
  expect(catalogNumber(text)).toBe(number);
});

it.each([
  'I0000',
  'O0000',
  'a0000',
  'A000',
  'AB000',
  '',
  '     ',
  '-5',
  '1e5',
  '00000',
  'UNKNOWN',
  1.5,
  0,
  1e9,
  null,
])('refuses %j without repeating it', (text) => {
  expect(() => catalogNumber(text)).toThrow(
    /^NORAD_CAT_ID is no whole number from 1 to 999999999, nor a letter/,
  );
});
